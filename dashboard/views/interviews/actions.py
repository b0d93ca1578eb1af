"""Asking staff before something is done to an interview, and doing it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dashboard import audit
from dashboard.htmx import changed
from dashboard.permissions.decorators import username
from dashboard.presenters.confirmations import ConfirmedAction
from dashboard.shortcuts import interview_or_404
from interviews.models import StaleWriteError
from operations.exceptions import CONFLICT_MESSAGE, WrongStateError


def answer(
    request: HttpRequest, interview_id: str, ask: ConfirmedAction, *, home: str = ""
) -> HttpResponse:
    """GET: the question, as it fits the state. POST: do it; 409 with a sentence if it cannot be.

    `home`: the name of the address that leads on without scripts, where there is one.
    """
    interview = interview_or_404(interview_id)
    words = ask.words(interview)
    context: dict[str, object] = {"interview": interview, "tone": ask.tone, "words": words}
    if request.method == "GET":
        return render(request, "dashboard/interviews/_confirmation.html", context)
    try:
        ask.do(interview, username(request))
    except WrongStateError as error:
        context["refused"] = str(error)
    except StaleWriteError:
        context["refused"] = CONFLICT_MESSAGE
    else:
        audit.record(request, ask.what, interview.id)
        if home and not request.headers.get("HX-Request"):
            return redirect(home)
        return changed(HttpResponse(status=204), interview.id, words.done)
    return render(request, "dashboard/interviews/_confirmation.html", context, status=409)
