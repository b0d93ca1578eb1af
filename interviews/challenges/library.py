"""The challenge library: what there is to be solved, and the files that a candidate starts from.

A version is a snapshot of a challenge that nobody changes any more; the challenge's own row says
which number is current. Their files lie in the default storage (`challenge_files`), and
`challenge_saving` writes new ones.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pynamodb.exceptions import UpdateError

from interviews.challenges import storage
from interviews.challenges.models import (
    ACTIVE,
    ARCHIVED,
    Challenge,
    Version,
    unsaved_version,
)
from interviews.challenges.storage import ID_PATTERN, BrokenChallengeError
from interviews.dynamodb import is_condition_failure, update_actions
from interviews.events import ChallengeChanged, publish

PAGE_SIZE = 50


def get_challenge(challenge_id: str) -> Challenge | None:
    """The challenge as it is now (a consistent read)."""
    if not ID_PATTERN.fullmatch(challenge_id):
        return None
    try:
        return Challenge.get(challenge_id, consistent_read=True)
    except Challenge.DoesNotExist:
        return None


def active_challenges() -> list[Challenge]:
    """The challenges on offer, by name."""
    return list(Challenge.active_index.query(ACTIVE))


def archived_challenges() -> list[Challenge]:
    """Those that nobody can be invited to any more, by name."""
    return list(Challenge.active_index.query(ARCHIVED))


def get_version(challenge_id: str, number: int | None) -> Version | None:
    """A version of a challenge; without a number the current one. None: there is no such.

    Of a row without versions it is an equal that is in no table, whose number is None.
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


# All of a version but its list of files, as the table names it.
LIST_ATTRIBUTES = [
    attribute.attr_name
    for name, attribute in Version.get_attributes().items()
    if name not in ("files", "description")
]


def versions_page(challenge_id: str, *, before: int | None = None) -> list[Version]:
    """A page of versions, newest first and without their files; `before`: older than that."""
    if not ID_PATTERN.fullmatch(challenge_id):
        return []
    older = Version.number < before if before is not None else None
    found = Version.query(
        challenge_id,
        older,
        scan_index_forward=False,
        limit=PAGE_SIZE,
        consistent_read=True,
        attributes_to_get=LIST_ATTRIBUTES,
    )
    return list(found)


def current_versions(challenges: Iterable[Challenge]) -> dict[str, Version]:
    """By challenge, the current version of each that has versions, without the files."""
    keys = [(each.id, int(each.number)) for each in challenges if each.number is not None]
    if not keys:
        return {}
    found = Version.batch_get(keys, consistent_read=True, attributes_to_get=LIST_ATTRIBUTES)
    return {version.challenge_id: version for version in found}


def read_files(challenge_or_version: Challenge | Version) -> dict[str, bytes]:
    """The starting files, path -> content, each as it was put in. Raises BrokenChallengeError.

    Raises OSError, or the storage's own errors, when the storage cannot be asked.
    """
    version = resolve_version(challenge_or_version)
    return storage.read_files(version.challenge_id, version.content, version.files)


def resolve_version(challenge_or_version: Challenge | Version) -> Version:
    """The version itself, or the challenge's current one. Raises BrokenChallengeError: it is
    gone."""
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
    """One more interview of it was created. Never creates a row."""
    _update_challenge(
        challenge_id,
        [
            Challenge.usage_count.set((Challenge.usage_count | 0) + 1),
            Challenge.last_used_at.set(datetime.now(UTC)),
        ],
    )


def set_active(challenge_id: str, active: bool) -> bool:
    """Archive it, or bring it back; False where there is no such challenge."""
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
    """Write down how long a dry run took to start, or what stopped it; number None: the current
    version. Without versions there is nowhere to write it."""
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
