"""Whether a dialog asks if the candidate is to be told by e-mail, or says that nobody is."""

from django.conf import settings
from django.http import QueryDict

from interviews.models import Interview
from operations.mail import plan_changes

MAIL_IS_OFF = "E-mail isn't set up on this server, so please tell the candidate yourself."
NOT_TOLD = "The candidate wasn't e-mailed about it, so please tell them yourself."


def notify_context(interview: Interview, sent: QueryDict | None = None) -> dict[str, object]:
    """Template context of interviews/_notify.html; `sent` is a form that is shown again."""
    if interview.is_dry_run:
        return {}
    note = "" if settings.MAIL_IS_ON else MAIL_IS_OFF
    can_notify = plan_changes.is_told(interview)
    return {
        "can_notify": can_notify,
        "notify_note": note or ("" if can_notify else NOT_TOLD),
        "notify": sent is None or "notify" in sent,
    }
