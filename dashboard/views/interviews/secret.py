"""The password of a workspace, for a page that shows dots until somebody asks for it."""

from html import unescape

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.permissions.decorators import require
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.rows.read import rows
from dashboard.shortcuts import interview_or_404
from operations import audit
from operations.audit import AuditAction

PASSWORD, MESSAGE = "password", "message"
SHOW, COPY = "show", "copy"


@require_POST
@require(Permission.SEE_CREDENTIALS)
def secret(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Answer with the password, or with the message to the candidate that has it, as plain text.

    It is audited as shown, or as copied. 404 once there is no password any more.
    """
    what, purpose = request.POST.get("what", ""), request.POST.get("purpose", "")
    if what not in (PASSWORD, MESSAGE) or purpose not in (SHOW, COPY):
        return HttpResponse("what: password, message. purpose: show, copy.", status=422)
    interview = interview_or_404(interview_id)
    row = rows(request, [interview])[0]
    if not row.password:
        return HttpResponse(_("There's no password any more."), "text/plain", status=404)
    text = row.password
    if what == MESSAGE:
        context = {"interview": interview, "row": row}
        # Pages have the template too, so it escapes what passwords of an earlier portal may have.
        text = unescape(
            render_to_string("dashboard/live_interviews/_invitation_text.html", context)
        )
    if purpose == COPY:
        audit.record(AuditAction.COPIED_CREDENTIALS, interview.id, detail=what)
    else:
        audit.record_credentials_shown([interview.id])
    return HttpResponse(text.strip(), "text/plain; charset=utf-8")
