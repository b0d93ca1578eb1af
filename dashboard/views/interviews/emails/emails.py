"""Send a candidate the link again by email."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.htmx import changed
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404
from dashboard.views.interviews.emails import email_preview
from interviews.models import Interview, StaleWriteError
from operations.actions.email_previews import preview_resend
from operations.exceptions import CONFLICT_MESSAGE, InvalidInputError, WrongStateError
from operations.mail import outbox, resend
from operations.mail.outbox import reason_not_to_send


@require_POST
@require(Permission.INVITE)
def send(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Send the link again, or for the first time. A new address is stored as the candidate's."""
    interview = interview_or_404(interview_id)
    to = request.POST.get("candidate_email", "").strip() or None
    if email_preview.is_asked(request):
        draw = partial(preview_resend, interview, by=username(request), to=to)
        return email_preview.show(request, draw)
    try:
        message = resend.resend_invitation(interview, by=username(request), to=to)
    except (WrongStateError, StaleWriteError, InvalidInputError) as error:
        reason = CONFLICT_MESSAGE if isinstance(error, StaleWriteError) else str(error)
        status = 422 if isinstance(error, InvalidInputError) else 409
        context = mail_context(interview) | {"refused": reason, "typed": to or ""}
        return render(request, "dashboard/emails/_emails.html", context, status=status)
    if not request.headers.get("HX-Request"):
        return redirect("dashboard:interview", interview_id=interview.id)
    done = _("The email to %(address)s is on its way.") % {"address": message.to}
    fresh = mail_context(interview_or_404(interview_id))
    answer = render(request, "dashboard/emails/_emails.html", fresh)
    return changed(answer, interview.id, done)


def mail_context(interview: Interview, *, hides_name: bool = False) -> dict[str, object]:
    """Template context of emails/_emails.html. An address would tell a name that is hidden."""
    messages = [] if hides_name else outbox.messages_of(interview.id)
    return {
        "interview": interview,
        "messages_sent": messages,
        "is_sent_again": any(not each.interviewer for each in messages),
        "mail_is_on": settings.MAIL_IS_ON,
        "can_mail": settings.MAIL_IS_ON and not reason_not_to_send(interview),
    }
