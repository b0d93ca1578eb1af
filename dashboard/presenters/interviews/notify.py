"""Whether a dialog asks if people are to be told by e-mail, and whom staff has to tell."""

from django.conf import settings
from django.http import QueryDict

from interviews.models import Interview
from operations.mail import plan_changes

MAIL_IS_OFF = "E-mail isn't set up on this server, so please tell {whom} yourself."
NOT_TOLD = "The candidate wasn't e-mailed about it, so please tell them yourself."


def notify_context(interview: Interview, sent: QueryDict | None = None) -> dict[str, object]:
    """Template context of interviews/_notify.html; `sent` is a form that is shown again."""
    if interview.is_dry_run:
        return {}
    told = plan_changes.told(interview)
    note = "" if told.candidate else NOT_TOLD
    if not settings.MAIL_IS_ON:
        also = " and the interviewers" if interview.interviewers else ""
        note = MAIL_IS_OFF.format(whom=f"the candidate{also}")
    return {
        "can_notify": told.candidate or told.interviewers,
        "notify_note": note,
        "notify": sent is None or "notify" in sent,
    }
