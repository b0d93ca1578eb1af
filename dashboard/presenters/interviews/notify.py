"""Whether a dialog asks if people are to be told by e-mail, and whom staff has to tell."""

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from interviews.models import Interview
from operations.mail import plan_changes
from operations.mail.plan_changes import Told


def addresses_of(interview: Interview, told: Told) -> list[str]:
    """Whom an email about a change goes to: the candidate first."""
    candidate = interview.candidate_email if told.candidate else None
    return [*([str(candidate)] if candidate else []), *told.interviewers]


def notify_context(interview: Interview, sent: QueryDict | None = None) -> dict[str, object]:
    """Template context of interviews/_notify.html; `sent` is a form that is shown again."""
    if interview.is_dry_run:
        return {}
    told = plan_changes.told(interview)
    note = ""
    if not settings.MAIL_IS_ON and interview.interviewers:
        note = _("No email is sent: please tell the candidate and the interviewers yourself.")
    elif not settings.MAIL_IS_ON:
        note = _("No email is sent: please tell the candidate yourself.")
    elif not told.candidate:
        note = _("The candidate has had no email from here, so please tell them yourself.")
    return {
        # Of an interviewer's email there is no preview.
        "can_preview": told.candidate,
        "can_notify": told.candidate or bool(told.interviewers),
        "notify_addresses": addresses_of(interview, told),
        "notify_note": note,
        "notify": sent is None or "notify" in sent,
    }
