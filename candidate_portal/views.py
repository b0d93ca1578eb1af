"""The candidate's page; its live refresh and its actions render the same template."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from candidate_portal.access import candidate_page
from candidate_portal.page_state import PageState, page_state_of
from candidate_portal.rendering import render
from interviews import queries
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions, workspace_sign_in
from operations.actions import InvalidInputError, WrongStateError
from operations.archives import download

# The queries of a page without scripts that say what was sent.
REPORTED, FEEDBACK_GIVEN = "reported", "thanks"
# As static/shared/stream.js has them, besides the state before the first connection.
STREAM_STATES = frozenset({"connecting", "live", "reconnecting", "crowded"})


@require_safe
@candidate_page
def page(request: HttpRequest, interview: Interview) -> HttpResponse:
    """A live interview has no actions: staff or the schedule starts it, and staff ends it.

    A page that shows the current state is told so by 304, as page.js asks each time it hears of
    something: most of what it hears changes nothing on it. It gets the time for its clocks.
    """
    _note_opened(request, interview)
    state = page_state_of(interview)
    if request.headers.get("If-None-Match") == f'"{state.version}"':
        return HttpResponseNotModified(headers={"X-Now": str(state.now_ms)})
    return _render_page(request, state)


def _note_opened(request: HttpRequest, interview: Interview) -> None:
    """Record a browser's first visit to a test. Its script fetches the page again, as no scanner
    of links does; a visit of staff does not count."""
    is_invitation = interview.is_take_home and interview.state is Status.AVAILABLE
    is_first = is_invitation and interview.opened_at is None
    if is_first and request.headers.get("HX-Request") and not request.user.is_staff:
        interview.record_opened()


@require_safe
@candidate_page
def open_workspace(request: HttpRequest, interview: Interview) -> HttpResponse:
    """Sign in to the workspace. While there is none, the candidate's page says why."""
    response = None
    if interview.state is Status.ACTIVE:
        response = workspace_sign_in.open_workspace(request, interview)
    return response or redirect(page_name_of(interview), passcode=interview.passcode)


@require_safe
@candidate_page
def files(request: HttpRequest, interview: Interview) -> HttpResponseBase:
    """The candidate's own files as they were saved last. Without any, the page says why."""
    if page_state_of(interview).may_download:
        with suppress(Http404):
            return download.archive(request, interview)
    return redirect(page_name_of(interview), passcode=interview.passcode)


@require_POST
@candidate_page
def start(request: HttpRequest, interview: Interview) -> HttpResponse:
    confirmed = request.POST.get("policy", "")[:100]
    return run_action(request, interview, partial(actions.activate, confirmed_policy=confirmed))


@require_POST
@candidate_page
def submit(request: HttpRequest, interview: Interview) -> HttpResponse:
    return run_action(request, interview, actions.submit)


@require_POST
@candidate_page
def retry(request: HttpRequest, interview: Interview) -> HttpResponse:
    return run_action(request, interview, actions.retry)


@require_POST
@candidate_page
def leave_line(request: HttpRequest, interview: Interview) -> HttpResponse:
    return run_action(request, interview, actions.leave_line)


@require_POST
@candidate_page
def seen(request: HttpRequest, interview: Interview) -> HttpResponse:
    """Record that the page has shown the time changes up to `number`."""
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        return HttpResponse("The number must be a whole number.", "text/plain", status=422)
    actions.mark_time_changes_seen(interview, int(number))
    return HttpResponse(status=204)


@require_POST
@candidate_page
def problem(request: HttpRequest, interview: Interview) -> HttpResponse:
    text = request.POST.get("text", "")
    send = partial(actions.report_problem, interview, text, _known_of_page(request), by="candidate")
    done = f"{REPORTED}#problem"
    return _send_words(request, interview, send, done, "report", {"text": text})


@require_POST
@candidate_page
def feedback(request: HttpRequest, interview: Interview) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in ("rating", "text")}
    send = partial(actions.give_feedback, interview, **typed)
    done = f"{FEEDBACK_GIVEN}#feedback"
    return _send_words(request, interview, send, done, "feedback", typed)


def _send_words(
    request: HttpRequest,
    interview: Interview,
    send: Callable[[], None],
    done: str,
    form: str,
    typed: dict[str, str],
) -> HttpResponse:
    """Pass on what the candidate wrote. A script gets no page: what they typed stays in theirs.

    Without scripts it redirects to the page with the query and fragment `done`, or shows the page
    with the error and what was `typed` in the form of this name.
    """
    sentence, status = "", 204
    try:
        send()
    except InvalidInputError as invalid:
        sentence, status = invalid.message, 422
    except WrongStateError as wrong:
        sentence, status = str(wrong), 409
    if request.headers.get("HX-Request"):
        return HttpResponse(sentence, "text/plain; charset=utf-8", status=status)
    if sentence:
        refused = {form: {"error": sentence, **typed}}
        return _render_page(request, page_state_of(interview), status=status, refused=refused)
    return redirect(f"{reverse(page_name_of(interview), args=[interview.passcode])}?{done}")


def _known_of_page(request: HttpRequest) -> dict[str, str]:
    """Return what the candidate's page and browser say of themselves, as far as it is plausible."""
    known = {"browser": request.headers.get("User-Agent", "")}
    if re.fullmatch("[0-9]{1,5}x[0-9]{1,5}", request.POST.get("screen", "")):
        known["screen"] = request.POST["screen"]
    if request.POST.get("stream") in STREAM_STATES:
        known["stream"] = request.POST["stream"]
    return {name: value for name, value in known.items() if value}


def run_action(
    request: HttpRequest, interview: Interview, action: Callable[..., object]
) -> HttpResponse:
    """Run the action and render the current state, with a message if the action came too late."""
    sentence, status = "", 200
    try:
        action(interview, by="candidate")
    except InvalidInputError as invalid:
        sentence, status = invalid.message, 422
    except WrongStateError as wrong:
        sentence, status = str(wrong), 409
    if status == 200 and not request.headers.get("HX-Request"):
        return redirect(page_name_of(interview), passcode=interview.passcode)
    current = queries.get_interview(interview.id) or interview
    return _render_page(request, page_state_of(current), sentence, status)


def page_name_of(interview: Interview) -> str:
    return "candidate_portal:page" if interview.is_take_home else "candidate_portal:live"


def _render_page(
    request: HttpRequest,
    state: PageState,
    sentence: str = "",
    status: int = 200,
    refused: dict[str, dict[str, str]] | None = None,
) -> HttpResponse:
    fragment = request.headers.get("HX-Request")
    template = "candidate_portal/_screen.jinja" if fragment else "candidate_portal/page.jinja"
    context = {
        "screen": state,
        "sentence": sentence,
        "report": {"error": "", "text": ""},
        "is_report_sent": REPORTED in request.GET,
        "max_report": actions.MAX_REPORT_TEXT,
        "feedback": {
            "error": "",
            "rating": state.feedback_rating,
            "text": state.feedback_text,
        },
        "is_feedback_given": FEEDBACK_GIVEN in request.GET,
        "max_feedback": actions.MAX_FEEDBACK_TEXT,
    } | (refused or {})
    response = render(request, template, context, status=status)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response
