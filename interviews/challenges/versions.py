"""Writing a challenge: its files, then the version, then the row that points at it.

Each is one write. A save that dies in between leaves files that nobody lists, or a version that
the next save puts in place before its own turn comes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pynamodb.exceptions import PutError, UpdateError

from interviews.challenges import storage
from interviews.challenges.models import (
    ACTIVE,
    Challenge,
    ChallengeDetails,
    Version,
    unsaved_version,
)
from interviews.challenges.storage import BrokenChallengeError
from interviews.dynamodb import is_condition_failure, update_actions
from interviews.events import ChallengeChanged, publish

# Who saved what came with the platform.
SHIPPED = "the platform"


class ChallengeIdTakenError(Exception):
    """There is a challenge of this id already."""


class VersionConflictError(Exception):
    """Somebody saved another version first; `current` is what is there now."""

    def __init__(self, current: Version) -> None:
        super().__init__(current)
        self.current = current


def create_challenge(
    challenge_id: str, about: ChallengeDetails, files: Mapping[str, bytes], *, by: str
) -> Version:
    """A new challenge. Raises ChallengeIdTakenError, and ValueError with a sentence on the id or
    the files."""
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
    """A new version of a challenge that is there, made from its version `base`.

    Raises VersionConflict when `base` is not the current one any more; then nothing is changed, and
    the same with `base=current.number` is saved on top of it. Saving what is current already makes
    no version. Raises Challenge.DoesNotExist, and ValueError with a sentence on the files.
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
        # What was damaged becomes whole.
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
    by: str = SHIPPED,
) -> bool:
    """Create a challenge, or save a version of it; False where everything was there already.

    Whether it is on offer is left as it is. Raises ValueError, with a sentence, for an id, a path
    or a size that cannot be.
    """
    about = ChallengeDetails(name, description, language, duration_minutes)
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
    """The version of a row that was written before there were versions: number 1, as it stands."""
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
        # Whoever was first may have died before the row was moved: then this does it for them.
        _set_current_version(first, after=after)
        # Or else it was this very write, and only its answer got lost.
        if first.created_by == by and _is_same(first, about, files):
            return first
        raise VersionConflictError(_get_current_version(_get_challenge(challenge_id))) from None
    _set_current_version(version, after=after)
    return version


def _set_current_version(version: Version, *, after: int | None) -> None:
    """Make it the current one, if the one before it still is."""
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
        # The version has the list, and lists of challenges are read more often than it.
        "files": None,
        "updated_at": version.created_at or datetime.now(UTC),
    }
    actions = update_actions(Challenge, changes)
    actions.append(Challenge.is_active.set(Challenge.is_active | ACTIVE))
    is_there = Challenge.number.does_not_exist() if after is None else Challenge.number == after
    try:
        Challenge(version.challenge_id).update(actions=actions, condition=is_there)
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
        # Somebody did it for us, and may have gone on from there.
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
