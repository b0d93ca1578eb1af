"""Creating, changing, archiving and restoring a challenge."""

from collections.abc import Mapping
from dataclasses import replace

from interviews.challenges import library, versions
from interviews.challenges.criteria import Criterion
from interviews.challenges.models import ChallengeDetails, Version
from interviews.challenges.schemas import NewChallengeRules, derive_id
from interviews.challenges.versions import ChallengeIdTakenError
from operations import audit
from operations.audit import AuditAction
from operations.checks.trials import queue_first_trial

# Free ids to try for a challenge whose id follows from its name.
ATTEMPTS = 20


def create_challenge(
    rules: NewChallengeRules,
    files: Mapping[str, bytes],
    *,
    by: str,
    criteria: tuple[Criterion, ...] = (),
) -> Version:
    """Create a challenge under the requested id, or else under a free one made from its name.

    Raises:
        ChallengeIdTakenError: if the requested id is taken, or no free one was found.
        ValueError: with a sentence on the id or the files.
    """
    about = replace(rules.about, criteria=criteria)
    version = _create(rules, about, files, by)
    audit.record(AuditAction.CHALLENGE_CREATED, target=version.challenge_id)
    queue_first_trial(version, by=by)
    return version


def save_challenge(
    challenge_id: str,
    about: ChallengeDetails,
    files: Mapping[str, bytes],
    *,
    base: int | None,
    by: str,
) -> Version:
    """Save a new version of a challenge, made from its version `base`.

    Raises:
        VersionConflict: if `base` is no longer the current version.
        Challenge.DoesNotExist: if there is no such challenge.
        ValueError: with a sentence on the files.
    """
    version = versions.save_version(challenge_id, about, files, base=base, by=by)
    audit.record(AuditAction.CHALLENGE_CHANGED, target=challenge_id)
    queue_first_trial(version, by=by)
    return version


def archive_challenge(challenge_id: str) -> bool:
    """Take a challenge out of use for new invitations; False if there is no such challenge."""
    return _set_active(challenge_id, False, AuditAction.CHALLENGE_ARCHIVED)


def restore_challenge(challenge_id: str) -> bool:
    """Offer an archived challenge again; False if there is no such challenge."""
    return _set_active(challenge_id, True, AuditAction.CHALLENGE_RESTORED)


def _create(
    rules: NewChallengeRules, about: ChallengeDetails, files: Mapping[str, bytes], by: str
) -> Version:
    if rules.id is not None:
        return versions.create_challenge(rules.id, about, files, by=by)
    stem = derive_id(rules.name)
    for attempt in range(1, ATTEMPTS):
        try:
            challenge_id = stem if attempt == 1 else f"{stem}-{attempt}"
            return versions.create_challenge(challenge_id, about, files, by=by)
        except ChallengeIdTakenError:
            continue
    raise ChallengeIdTakenError(stem)


def _set_active(challenge_id: str, active: bool, action: AuditAction) -> bool:
    if not library.set_active(challenge_id, active):
        return False
    audit.record(action, target=challenge_id)
    return True
