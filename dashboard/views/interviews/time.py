"""More time for an interview, and opening it again: the question, and the deed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dashboard import audit
from dashboard.htmx import changed
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters import durations
from dashboard.shortcuts import interview_or_404
from interviews.lifecycle import FINAL, STARTED, Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas import MAX_DURATION
from operations import actions
from operations.exceptions import CONFLICT_MESSAGE

QUICK = (5, 15, 30, 60)
DEFAULT_QUICK = 15
OTHER = "other"
REOPEN_MINUTES = 30


@dataclass(frozen=True)
class Outcome:
    """What some more minutes would make of an interview: its end, or its length before that."""

    minutes: int
    ends_at: datetime | None
    length: str

    @property
    def label(self) -> str:
        return f"{self.minutes:+d} min".replace("-", "−")


def outcome(interview: Interview, minutes: int) -> Outcome:
    """As the interview stands. Only a running one has an end; one whose clock stands still has it
    so much after it goes on, which is not known."""
    more = timedelta(minutes=minutes)
    ends: datetime | None = interview.auto_destroy_at
    left = interview.length
    if interview.state is not Status.ACTIVE or ends is None:
        return Outcome(minutes, None, durations.exact(left + more))
    if interview.paused_at is not None:
        left = timedelta(seconds=int(interview.paused_left or 0))
        return Outcome(minutes, None, durations.exact(left + more))
    return Outcome(minutes, ends + more, "")


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def extend(request: HttpRequest, interview_id: str) -> HttpResponse:
    """GET: the question; with `?minutes=` what they would make of it. POST: give them."""
    interview = interview_or_404(interview_id)
    if request.method == "POST":
        return _extend(request, interview)
    if "minutes" in request.GET:
        minutes = _whole(request.GET["minutes"])
        found = outcome(interview, minutes) if minutes is not None and _fits(minutes) else None
        return render(request, "dashboard/interviews/_new_end.html", {"outcome": found})
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        return _refused(request, interview, _over(interview))
    return _ask_for_more(request, interview, choice=str(DEFAULT_QUICK))


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def reopen(request: HttpRequest, interview_id: str) -> HttpResponse:
    """GET: the question. POST: open it again for the minutes given."""
    interview = interview_or_404(interview_id)
    if request.method == "GET":
        if interview.state is not Status.COMPLETED or not interview.history_s3_key:
            return _refused(request, interview, _not_reopenable(interview))
        return _ask_to_reopen(request, interview, str(REOPEN_MINUTES))
    given = request.POST.get("minutes", "")
    minutes = _whole(given)
    if minutes is None:
        return _ask_to_reopen(request, interview, given, error=_why_no_number(given))
    try:
        actions.reopen(interview, minutes, by=username(request))
    except actions.InvalidInputError as error:
        return _ask_to_reopen(request, interview, given, error=error.message)
    except actions.WrongStateError as error:
        return _refused(request, interview, str(error))
    except StaleWriteError:
        return _refused(request, interview, CONFLICT_MESSAGE)
    audit.record(request, "reopened", interview.id, detail=f"{minutes} minutes")
    return changed(HttpResponse(status=204), interview.id, "It is being opened again.")


def _extend(request: HttpRequest, interview: Interview) -> HttpResponse:
    choice = request.POST.get("choice", OTHER)
    typed = request.POST.get("minutes", "")
    given = typed if choice == OTHER else choice
    minutes = _whole(given)
    if minutes is None:
        return _ask_for_more(request, interview, choice, typed, error=_why_no_number(given))
    try:
        actions.extend(interview, minutes, by=username(request))
    except actions.InvalidInputError as error:
        return _ask_for_more(request, interview, choice, typed, error=error.message)
    except actions.WrongStateError as error:
        return _refused(request, interview, str(error))
    except StaleWriteError:
        return _refused(request, interview, CONFLICT_MESSAGE)
    audit.record(request, "extended", interview.id, detail=f"{minutes} minutes")
    words = durations.exact(timedelta(minutes=abs(minutes)))
    done = f"{words} {'more were given' if minutes > 0 else 'were taken away'}."
    return changed(HttpResponse(status=204), interview.id, done)


def _ask_for_more(
    request: HttpRequest, interview: Interview, choice: str, typed: str = "", error: str = ""
) -> HttpResponse:
    minutes = _whole(typed)
    context = {
        "interview": interview,
        "is_running": interview.state is Status.ACTIVE,
        "now": outcome(interview, 0),
        "quick": [outcome(interview, each) for each in QUICK],
        "choice": choice,
        "typed": typed,
        "error": error,
        "limit": actions.MAX_EXTENSION,
        "outcome": outcome(interview, minutes) if minutes and _fits(minutes) else None,
    }
    return render(
        request, "dashboard/interviews/_extend.html", context, status=422 if error else 200
    )


def _ask_to_reopen(
    request: HttpRequest, interview: Interview, given: str, error: str = ""
) -> HttpResponse:
    context = {
        "interview": interview,
        "given": given,
        "error": error,
        "limit": MAX_DURATION,
    }
    return render(
        request, "dashboard/interviews/_reopen.html", context, status=422 if error else 200
    )


def _refused(request: HttpRequest, interview: Interview, sentence: str) -> HttpResponse:
    context = {"interview": interview, "refused": sentence}
    return render(request, "dashboard/interviews/_confirmation.html", context, status=409)


def _over(interview: Interview) -> str:
    return f"It is {interview.state.badge.lower()}: its time is over."


def _not_reopenable(interview: Interview) -> str:
    if interview.state in STARTED:
        return f"It is {interview.state.badge.lower()} already."
    if interview.state is Status.COMPLETED:
        return "No files were saved of it, so there is nothing to go on with."
    return f"It is {interview.state.badge.lower()}; only what was completed can be opened again."


def _whole(text: str) -> int | None:
    """The number that somebody typed, with a plus or a minus of any kind; None: it is none."""
    text = text.strip().replace("−", "-")
    digits = text.removeprefix("+").removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and len(text) <= 13):
        return None
    return int(text)


def _why_no_number(text: str) -> str:
    return "This must be a whole number." if text.strip() else "This is missing."


def _fits(minutes: int) -> bool:
    """Before it is asked for in earnest: a number so large that no date could hold it."""
    return abs(minutes) <= actions.MAX_EXTENSION
