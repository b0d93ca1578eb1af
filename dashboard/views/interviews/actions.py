"""Confirm an action on an interview, and run it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dashboard import audit
from dashboard.htmx import changed
from dashboard.permissions.decorators import username
from dashboard.presenters.confirmations import ConfirmedAction
from dashboard.shortcuts import interview_or_404
from interviews.models import StaleWriteError
from operations.exceptions import CONFLICT_MESSAGE, WrongStateError


def confirm_and_run(
    request: HttpRequest, interview_id: str, action: ConfirmedAction, *, home: str = ""
) -> HttpResponse:
    """GET: the confirmation dialog for the interview's status.

    POST: run the action, or 409 with the reason.

    `home` names the view to redirect to without scripts.
    """
    interview = interview_or_404(interview_id)
    confirmation = action.confirmation(interview)
    context: dict[str, object] = {
        "interview": interview,
        "tone": action.tone,
        "confirmation": confirmation,
    }
    if request.method == "GET":
        return render(request, "dashboard/interviews/_confirmation.html", context)
    try:
        action.run(interview, username(request))
    except WrongStateError as error:
        context["refused"] = str(error)
    except StaleWriteError:
        context["refused"] = CONFLICT_MESSAGE
    else:
        audit.record(request, action.what, interview.id)
        if home and not request.headers.get("HX-Request"):
            return redirect(home)
        return changed(HttpResponse(status=204), interview.id, confirmation.done_message)
    return render(request, "dashboard/interviews/_confirmation.html", context, status=409)
