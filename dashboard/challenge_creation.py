"""Create a challenge, for the page and the API: under the given id, or a free one like its name."""

from interviews.challenges import versions
from interviews.challenges.models import Version
from interviews.challenges.schemas import NewChallengeRules, id_from
from interviews.challenges.versions import ChallengeIdTakenError

ATTEMPTS = 20


def create_challenge(rules: NewChallengeRules, files: dict[str, bytes], *, by: str) -> Version:
    """Create a challenge under the given id, or the first free id like its name.

    Raises:
        ChallengeIdTakenError: if the given id is taken, or no id is free.
    """
    if rules.id is not None:
        return versions.create(rules.id, rules.about, files, by=by)
    stem = id_from(rules.name)
    for attempt in range(1, ATTEMPTS):
        try:
            challenge_id = stem if attempt == 1 else f"{stem}-{attempt}"
            return versions.create(challenge_id, rules.about, files, by=by)
        except ChallengeIdTakenError:
            continue
    raise ChallengeIdTakenError(stem)
