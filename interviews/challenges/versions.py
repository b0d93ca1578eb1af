"""Save versions of challenges: the files, then the version, then the challenge's row.

Each is one write. A save that dies in between leaves unlisted files, or a version that the next
save makes current before it adds its own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pynamodb.exceptions import PutError, UpdateError

from interviews.challenges import storage
from interviews.challenges.checks.files import checks_of
from interviews.challenges.checks.manifest import candidate_checks
from interviews.challenges.criteria import Criterion
from interviews.challenges.models import (
    ACTIVE,
    CandidateCheckEntry,
    Challenge,
    ChallengeDetails,
    CriterionEntry,
    Version,
    unsaved_version,
)
from interviews.challenges.policy import Policy
from interviews.challenges.starting_files import StartingFiles
from interviews.challenges.storage import BrokenChallengeError
from interviews.dynamodb import is_condition_failure, update_actions
from interviews.events import ChallengeChanged, publish

# `created_by` of the shipped challenges.
SHIPPED = "the platform"
EMPTY_POLICY = Policy()


class ChallengeIdTakenError(Exception):
    """A challenge with this id exists already."""


class VersionConflictError(Exception):
    """Another user saved a version first; `current` is the current version."""

    def __init__(self, current: Version) -> None:
        super().__init__(current)
        self.current = current


def create_challenge(
    challenge_id: str, about: ChallengeDetails, files: Mapping[str, bytes], *, by: str
) -> Version:
    """Create a challenge with its first version.

    Raises:
        ChallengeIdTakenError: if a challenge has this id.
        ValueError: with a sentence for the user if the id or a file is invalid.
    """
    storage.check_challenge(challenge_id, files)
    if _find_challenge(challenge_id) is not None:
        raise ChallengeIdTakenError(challenge_id)
    try:
        return _append_version(challenge_id, about, files, after=None, by=by)
    except VersionConflictError:
        raise ChallengeIdTakenError(challenge_id) from None


def save_version(
    challenge_id: str,
    about: ChallengeDetails,
    files: Mapping[str, bytes],
    *,
    base: int | None,
    by: str,
) -> Version:
    """Save a new version of a challenge, edited from its version `base`.

    Saving the current content again makes no version.

    Raises:
        VersionConflictError: if `base` is no longer current; then nothing is written. Save again
            with `base=current.number` to overwrite it.
        Challenge.DoesNotExist: if the challenge does not exist.
        ValueError: with a sentence for the user if a file is invalid.
    """
    storage.check_challenge(challenge_id, files)
    challenge = _find_challenge(challenge_id)
    if challenge is None:
        raise Challenge.DoesNotExist
    if base is None and challenge.number is None:
        current = create_first_version(challenge)
        base = int(current.number)
    elif challenge.number != base:
        raise VersionConflictError(_get_current_version(challenge))
    else:
        current = _get_current_version(challenge)
    if _is_same(current, about, files):
        # Repairs damaged files.
        storage.store_files(challenge_id, str(current.content), files)
        return current
    return _append_version(challenge_id, about, files, after=base, by=by)


def put_challenge(
    challenge_id: str,
    *,
    name: str,
    description: str,
    language: str,
    duration_minutes: int,
    files: Mapping[str, bytes],
    criteria: tuple[Criterion, ...] = (),
    policy: Policy = EMPTY_POLICY,
    by: str = SHIPPED,
) -> bool:
    """Create a challenge or save a version of it; return False if nothing changed.

    An archived challenge stays archived.

    Raises:
        ValueError: with a sentence for the user if the id or a file is invalid.
    """
    about = ChallengeDetails(
        name,
        description,
        language,
        duration_minutes,
        criteria=criteria,
        ai_assistants=policy.ai_assistants,
        internet=policy.internet,
        libraries=policy.libraries,
        policy_note=policy.note,
    )
    while True:
        challenge = (
            _find_challenge(challenge_id) if storage.ID_PATTERN.fullmatch(challenge_id) else None
        )
        try:
            if challenge is None:
                create_challenge(challenge_id, about, files, by=by)
                return True
            if challenge.number is not None and _is_same_and_intact(
                _get_current_version(challenge), about, files
            ):
                return False
            number = None if challenge.number is None else int(challenge.number)
            save_version(challenge_id, about, files, base=number, by=by)
        except (ChallengeIdTakenError, VersionConflictError):
            continue
        return True


def create_first_version(challenge: Challenge) -> Version:
    """Save the current content of a challenge without versions as its version 1."""
    version = unsaved_version(challenge)
    version.number = 1
    try:
        version.save(Version.challenge_id.does_not_exist())
    except PutError as error:
        if not is_condition_failure(error):
            raise
        version = Version.get(challenge.id, 1, consistent_read=True)
    _set_current_version(version, after=None)
    return version


def _append_version(
    challenge_id: str,
    about: ChallengeDetails,
    files: Mapping[str, bytes],
    *,
    after: int | None,
    by: str,
) -> Version:
    described = storage.describe_files(files)
    version = Version(
        challenge_id,
        (after or 0) + 1,
        name=about.name,
        description=about.description,
        instructions=about.instructions,
        language=about.language,
        duration_minutes=about.duration_minutes,
        cpus=about.cpus,
        memory_mb=about.memory_mb,
        content=storage.content_hash(described),
        files=described,
        file_count=len(files),
        total_bytes=sum(map(len, files.values())),
        criteria=[
            CriterionEntry(name=each.name, good=each.good, weight=each.weight)  # type: ignore[no-untyped-call]
            for each in about.criteria
        ],
        ai_assistants=about.ai_assistants,
        internet=about.internet,
        libraries=about.libraries,
        policy_note=about.policy_note or None,
        candidate_checks=[
            CandidateCheckEntry(name=each.name, command=each.command)  # type: ignore[no-untyped-call]
            for each in candidate_checks(checks_of(StartingFiles.of(files)))
        ],
        created_at=datetime.now(UTC),
        created_by=by,
    )
    storage.store_files(challenge_id, str(version.content), files)
    try:
        version.save(Version.challenge_id.does_not_exist())
    except PutError as error:
        if not is_condition_failure(error):
            raise
        first = Version.get(challenge_id, version.number, consistent_read=True)
        # The other writer may have died before it updated the challenge: do that for it.
        _set_current_version(first, after=after)
        # Or this write succeeded, and only its response was lost.
        if first.created_by == by and _is_same(first, about, files):
            return first
        raise VersionConflictError(_get_current_version(_get_challenge(challenge_id))) from None
    _set_current_version(version, after=after)
    return version


def _set_current_version(version: Version, *, after: int | None) -> None:
    """Make the version current, if the version `after` still is."""
    challenge = _find_challenge(version.challenge_id)
    old = challenge.ecs_config if challenge is not None else None
    config: dict[str, Any] = dict(old.attribute_values) if old is not None else {}
    config["cpu"] = round(version.cpus * 1024) if version.cpus else None
    config["memory"] = version.memory_mb
    config = {name: value for name, value in config.items() if value is not None}
    changes: dict[str, Any] = {
        "number": version.number,
        "name": version.name,
        "description": version.description,
        "instructions": version.instructions,
        "language": version.language,
        "duration_minutes": version.duration_minutes,
        "version": version.content,
        "ecs_config": config or None,
        # The version has the files, and lists of challenges need not read them.
        "files": None,
        "updated_at": version.created_at or datetime.now(UTC),
    }
    actions = update_actions(Challenge, changes)
    actions.append(Challenge.is_active.set(Challenge.is_active | ACTIVE))
    unchanged = Challenge.number.does_not_exist() if after is None else Challenge.number == after
    try:
        Challenge(version.challenge_id).update(actions=actions, condition=unchanged)
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
        # Another writer did it already, and may have saved a later version.
    publish(ChallengeChanged(challenge_id=version.challenge_id))


def _is_same(version: Version, about: ChallengeDetails, files: Mapping[str, bytes]) -> bool:
    content = storage.content_hash(storage.describe_files(files))
    return version.about == about and version.content == content


def _is_same_and_intact(
    version: Version, about: ChallengeDetails, files: Mapping[str, bytes]
) -> bool:
    if not _is_same(version, about, files):
        return False
    try:
        storage.read_files(version.challenge_id, version.content, version.files)
    except BrokenChallengeError:
        return False
    return True


def _find_challenge(challenge_id: str) -> Challenge | None:
    try:
        return Challenge.get(challenge_id, consistent_read=True)
    except Challenge.DoesNotExist:
        return None


def _get_challenge(challenge_id: str) -> Challenge:
    return Challenge.get(challenge_id, consistent_read=True)


def _get_current_version(challenge: Challenge) -> Version:
    if challenge.number is None:
        return unsaved_version(challenge)
    return Version.get(challenge.id, int(challenge.number), consistent_read=True)
