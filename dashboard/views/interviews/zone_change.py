"""The choice after the rules of an interview's time zone changed: move it, or keep it."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from dashboard.htmx import changed
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404
from interviews.models import StaleWriteError
from operations import actions
from operations.exceptions import CONFLICT_MESSAGE, InvalidInputError, WrongStateError

DECISIONS = {
    "move": (actions.move_to_reading, _("The interview was moved.")),
    "keep": (actions.keep_planned_time, _("The interview keeps its time.")),
}


@require_POST
@require(Permission.MANAGE)
def decide(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Move or keep the time that the person saw; 409 if it is another one by now."""
    interview = interview_or_404(interview_id)
    act, done = DECISIONS.get(request.POST.get("choice", ""), (None, ""))
    planned, reading = (_instant(request.POST.get(name, "")) for name in ("planned", "reading"))
    refused = ""
    if act is None or planned is None or reading is None:
        refused = CONFLICT_MESSAGE
    else:
        try:
            act(interview, planned=planned, reading=reading, by=username(request))
        except (WrongStateError, InvalidInputError) as error:
            refused = str(error)
        except StaleWriteError:
            refused = CONFLICT_MESSAGE
    if refused:
        context = {"interview": interview, "refused": refused}
        return render(request, "dashboard/interviews/_confirmation.html", context, status=409)
    if not request.headers.get("HX-Request"):
        return redirect("dashboard:interview", interview_id=interview.id)
    return changed(HttpResponse(status=204), interview.id, str(done))


def _instant(text: str) -> datetime | None:
    """Read epoch seconds of this century; None if it is not one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return datetime.fromtimestamp(int(text), UTC)
