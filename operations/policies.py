"""What a candidate may use in a test, and that they confirmed it before the start."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from interviews.challenges import library
from interviews.challenges.models import Version
from interviews.challenges.policy import Policy, Stance
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.exceptions import InvalidInputError
from operations.provisioners import gives_internet, isolation_of
from operations.provisioners.base import EditorFeatures, Isolation

CONFIRMED_FIELD = "confirmedPolicy"


def policy_of(interview: Interview, version: Version | None = None) -> Policy:
    """What the candidate confirmed, or else what the interview's version of its challenge says.

    Who has read that version gives it; otherwise it is read here. A practice workspace has nothing
    of the challenge, and so no policy.
    """
    if interview.is_practice:
        return Policy()
    if interview.confirmed_policy is not None:
        return Policy.from_stored(interview.confirmed_policy)
    if version is not None:
        return version.policy
    number = interview.challenge_version
    return library.get_policy(interview.challenge, None if number is None else int(number))


def editor_features(policy: Policy) -> EditorFeatures:
    """What the editor offers under this policy: an extension may be an assistant or a library."""
    return EditorFeatures(
        ai=policy.ai_assistants is Stance.ALLOWED,
        extensions=not (policy.forbids("ai_assistants") or policy.forbids("libraries")),
    )


def is_offline(interview: Interview, policy: Policy) -> bool:
    """Whether the workspace has no internet, or will have none: the policy allows none, or the
    engine gives none to any workspace. Another engine is only asked for that."""
    engine = interview.provisioner or settings.PROVISIONER
    if Isolation.INTERNET not in isolation_of(engine):
        return False
    return policy.forbids("internet") or not gives_internet(engine)


def internet_note(interview: Interview, policy: Policy) -> str:
    """What candidates read beside the policy about the internet in their workspace, or ""."""
    if not is_offline(interview, policy):
        return ""
    if policy.internet is Stance.ALLOWED:
        return _("Your workspace has no internet access. You may use the internet outside of it.")
    return _("Your workspace has no internet access.")


def confirmation(interview: Interview, confirmed: str | None) -> dict[str, Any]:
    """The changes of `Interview.move_to` that keep what the candidate confirms with the start.

    `confirmed` is the id of the policy that they have read; without a policy it does not matter.

    Raises:
        InvalidInputError: if they did not confirm the policy as it is now.
    """
    policy = policy_of(interview)
    if policy.is_empty:
        return {}
    if not confirmed:
        raise InvalidInputError(
            CONFIRMED_FIELD, _("Please confirm what's allowed before you start.")
        )
    if confirmed != policy.id:
        raise InvalidInputError(
            CONFIRMED_FIELD,
            _("What's allowed has changed. Please read it again, and confirm it."),
        )
    return {
        "along": TimelineEvent.POLICY_CONFIRMED,
        "confirmed_policy": policy.stored(),
        "policy_confirmed_at": now(),
    }
