"""The candidate's page; its live refresh and its actions render the same template."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from candidate_portal.access import candidate_page, live_page
from candidate_portal.page_state import PageState, page_state_of
from interviews import queries
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions, workspace_sign_in
from operations.actions import WrongStateError


@require_safe
@candidate_page
def page(request: HttpRequest, interview: Interview) -> HttpResponse:
    return _render_page(request, page_state_of(interview))


@require_safe
@live_page
def live(request: HttpRequest, interview: Interview) -> HttpResponse:
    """A live interview has no actions: staff or the schedule starts it, and staff ends it."""
    return _render_page(request, page_state_of(interview))


@require_safe
@candidate_page
def open_workspace(request: HttpRequest, interview: Interview) -> HttpResponse:
    return _open_workspace(request, interview, "candidate_portal:page")


@require_safe
@live_page
def live_open_workspace(request: HttpRequest, interview: Interview) -> HttpResponse:
    return _open_workspace(request, interview, "candidate_portal:live")


def _open_workspace(request: HttpRequest, interview: Interview, page_name: str) -> HttpResponse:
    """Sign in to the workspace. While there is none, the candidate's page says why."""
    response = None
    if interview.state is Status.ACTIVE:
        response = workspace_sign_in.open_workspace(request, interview)
    return response or redirect(page_name, passcode=interview.passcode)


@require_POST
@candidate_page
def start(request: HttpRequest, interview: Interview) -> HttpResponse:
    return _run_action(request, interview, actions.activate)


@require_POST
@candidate_page
def submit(request: HttpRequest, interview: Interview) -> HttpResponse:
    return _run_action(request, interview, actions.submit)


@require_POST
@candidate_page
def retry(request: HttpRequest, interview: Interview) -> HttpResponse:
    return _run_action(request, interview, actions.retry)


@require_POST
@candidate_page
def seen(request: HttpRequest, interview: Interview) -> HttpResponse:
    return _note_seen(request, interview)


@require_POST
@live_page
def live_seen(request: HttpRequest, interview: Interview) -> HttpResponse:
    return _note_seen(request, interview)


def _note_seen(request: HttpRequest, interview: Interview) -> HttpResponse:
    """Record that the page has shown the time changes up to `number`."""
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        return HttpResponse("The number must be a whole number.", "text/plain", status=422)
    actions.mark_time_changes_seen(interview, int(number))
    return HttpResponse(status=204)


def _run_action(
    request: HttpRequest, interview: Interview, action: Callable[..., str]
) -> HttpResponse:
    """Run the action and render the current state, with a message if the action came too late."""
    sentence, status = "", 200
    try:
        action(interview, by="candidate")
    except WrongStateError as wrong:
        sentence, status = str(wrong), 409
    if status == 200 and not request.headers.get("HX-Request"):
        return redirect("candidate_portal:page", passcode=interview.passcode)
    current = queries.get_interview(interview.id) or interview
    return _render_page(request, page_state_of(current), sentence, status)


def _render_page(
    request: HttpRequest, state: PageState, sentence: str = "", status: int = 200
) -> HttpResponse:
    fragment = request.headers.get("HX-Request")
    template = "candidate_portal/_screen.html" if fragment else "candidate_portal/page.html"
    response = render(request, template, {"screen": state, "sentence": sentence}, status=status)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response
