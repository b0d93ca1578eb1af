"""The challenge library: read challenges, their versions and their files, and record their use.

A version is an immutable snapshot of a challenge; the challenge's row has the number of the current
one. The files are in the default storage (`storage`), and `versions` saves new versions.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pynamodb.exceptions import UpdateError

from interviews.challenges import storage
from interviews.challenges.checks.files import starting_files
from interviews.challenges.checks.manifest import MANIFEST, Check, parse_manifest
from interviews.challenges.models import (
    ACTIVE,
    ARCHIVED,
    Challenge,
    ChallengeDetails,
    Version,
    unsaved_version,
)
from interviews.challenges.policy import Policy
from interviews.challenges.starting_files import StartingFiles
from interviews.challenges.storage import ID_PATTERN, BrokenChallengeError
from interviews.dynamodb import is_condition_failure, update_actions
from interviews.events import ChallengeChanged, publish

PAGE_SIZE = 50


def get_challenge(challenge_id: str) -> Challenge | None:
    """Return the current challenge, by a consistent read, or None."""
    if not ID_PATTERN.fullmatch(challenge_id):
        return None
    try:
        return Challenge.get(challenge_id, consistent_read=True)
    except Challenge.DoesNotExist:
        return None


def challenge_name(challenge_id: str) -> str:
    """Return the name of a challenge, or its id if the library no longer has it."""
    challenge = get_challenge(challenge_id)
    return str(challenge.name) if challenge is not None else challenge_id


def active_challenges() -> list[Challenge]:
    """Return the challenges that staff can invite to, by name."""
    return list(Challenge.active_index.query(ACTIVE))


def archived_challenges() -> list[Challenge]:
    """Return the challenges that are no longer offered, by name."""
    return list(Challenge.active_index.query(ARCHIVED))


def get_version(challenge_id: str, number: int | None) -> Version | None:
    """Return a version of a challenge, the current one without a number, or None.

    For a challenge without versions, it returns an unsaved version whose number is None.
    """
    if number is None:
        challenge = get_challenge(challenge_id)
        if challenge is None:
            return None
        if challenge.number is None:
            return unsaved_version(challenge)
        number = int(challenge.number)
    if not ID_PATTERN.fullmatch(challenge_id) or not 0 < number < 10**9:
        return None
    try:
        return Version.get(challenge_id, number, consistent_read=True)
    except Version.DoesNotExist:
        return None


# The stored attributes of a version of which `ChallengeDetails` are made.
DETAIL_ATTRIBUTES = [
    "challengeId",
    "number",
    "name",
    "description",
    "instructions",
    "language",
    "durationMinutes",
    "cpus",
    "memoryMb",
    "criteria",
    "aiAssistants",
    "internet",
    "libraries",
    "policyNote",
    "candidateChecks",
]


def get_details(challenge_id: str, number: int | None) -> ChallengeDetails | None:
    """Return what a version of a challenge says, the current one without a number, or None.

    It reads no list of files, but for that of a challenge without versions.
    """
    if number is None:
        challenge = get_challenge(challenge_id)
        if challenge is None:
            return None
        if challenge.number is None:
            return unsaved_version(challenge).about
        number = int(challenge.number)
    if not ID_PATTERN.fullmatch(challenge_id):
        return None
    try:
        return version_details(challenge_id, number)
    except Version.DoesNotExist:
        return None


def invited_details(challenge_id: str, number: float | None) -> ChallengeDetails | None:
    """Return what the version of an invitation says; the current one, if that is gone, or None."""
    details = get_details(challenge_id, None if number is None else int(number))
    return get_details(challenge_id, None) if details is None and number is not None else details


def get_policy(challenge_id: str, number: int | None) -> Policy:
    """Return what a version of a challenge allows, the current one without a number.

    A challenge or version that does not exist says nothing.
    """
    details = get_details(challenge_id, number)
    return details.policy if details is not None else Policy()


@lru_cache(maxsize=1_000)
def version_details(challenge_id: str, number: int) -> ChallengeDetails:
    """Return what a version says. It is remembered, as a version never changes.

    Raises:
        Version.DoesNotExist: if there is no such version, which is not remembered.
    """
    version = Version.get(
        challenge_id, number, consistent_read=True, attributes_to_get=DETAIL_ATTRIBUTES
    )
    return version.about


# The stored attributes of a version in lists: all but what is long.
LIST_ATTRIBUTES = [
    attribute.attr_name
    for name, attribute in Version.get_attributes().items()
    if name not in ("files", "description", "criteria", "candidate_checks")
]


def versions_page(challenge_id: str, *, before: int | None = None) -> list[Version]:
    """Return a page of versions older than `before`, newest first and without their files."""
    if not ID_PATTERN.fullmatch(challenge_id):
        return []
    condition = Version.number < before if before is not None else None
    page = Version.query(
        challenge_id,
        condition,
        scan_index_forward=False,
        limit=PAGE_SIZE,
        consistent_read=True,
        attributes_to_get=LIST_ATTRIBUTES,
    )
    return list(page)


def current_versions(challenges: Iterable[Challenge]) -> dict[str, Version]:
    """Return the current version per challenge id, without files, of challenges with versions."""
    keys = [(each.id, int(each.number)) for each in challenges if each.number is not None]
    if not keys:
        return {}
    current = Version.batch_get(keys, consistent_read=True, attributes_to_get=LIST_ATTRIBUTES)
    return {version.challenge_id: version for version in current}


def read_starting_files(challenge_or_version: Challenge | Version) -> StartingFiles:
    """Return the files that candidates get. Raises the same errors as `read_files`."""
    return starting_files(read_files(challenge_or_version))


def read_files(challenge_or_version: Challenge | Version) -> StartingFiles:
    """Return all files, with the checks that candidates never get.

    Raises:
        BrokenChallengeError: if a file is missing or damaged.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    version = resolve_version(challenge_or_version)
    return storage.read_files(version.challenge_id, version.content, version.files)


def read_checks(version: Version) -> tuple[Check, ...]:
    """Return the checks of a version, in their order.

    Raises:
        InvalidChecksError: if the manifest is invalid.
        BrokenChallengeError: if it is missing or damaged.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    file = next((each for each in version.files if each.path == MANIFEST), None)
    if file is None:
        return ()
    content = storage.read_file(version.challenge_id, version.content, file)
    return parse_manifest(content, [each.path for each in version.files])


def resolve_version(challenge_or_version: Challenge | Version) -> Version:
    """Return the version itself, or the challenge's current version.

    Raises:
        BrokenChallengeError: if the current version does not exist.
    """
    if isinstance(challenge_or_version, Version):
        return challenge_or_version
    if challenge_or_version.number is None:
        return unsaved_version(challenge_or_version)
    version = get_version(challenge_or_version.id, int(challenge_or_version.number))
    if version is None:
        raise BrokenChallengeError(
            f"{challenge_or_version.id}: version {challenge_or_version.number} is missing."
        )
    return version


def record_use(challenge_id: str) -> None:
    """Count one more interview of the challenge. Never creates a row."""
    _update_challenge(
        challenge_id,
        [
            Challenge.usage_count.set((Challenge.usage_count | 0) + 1),
            Challenge.last_used_at.set(datetime.now(UTC)),
        ],
    )


def set_active(challenge_id: str, active: bool) -> bool:
    """Archive or restore a challenge; return False if it does not exist."""
    return _update_challenge(
        challenge_id,
        [
            Challenge.is_active.set(ACTIVE if active else ARCHIVED),
            Challenge.updated_at.set(datetime.now(UTC)),
        ],
    )


def record_dry_run(
    challenge_id: str,
    number: int | None,
    seconds: float | None,
    interview_id: str,
    problem: str | None,
) -> None:
    """Record how many seconds a dry run took to start, or its problem.

    Without a number it is recorded on the current version; a challenge without versions has no
    place for it.
    """
    if number is None:
        challenge = get_challenge(challenge_id)
        number = None if challenge is None or challenge.number is None else int(challenge.number)
    if number is None:
        return
    changes = {
        "dry_run_seconds": None if seconds is None else round(seconds, 1),
        "dry_run_at": datetime.now(UTC),
        "dry_run_interview": interview_id,
        "dry_run_problem": problem,
    }
    try:
        Version(challenge_id, number).update(
            actions=update_actions(Version, changes), condition=Version.challenge_id.exists()
        )
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
        return
    publish(ChallengeChanged(challenge_id=challenge_id))


def _update_challenge(challenge_id: str, actions: list[Any]) -> bool:
    try:
        Challenge(challenge_id).update(actions=actions, condition=Challenge.id.exists())
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
        return False
    publish(ChallengeChanged(challenge_id=challenge_id))
    return True
