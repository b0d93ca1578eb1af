"""Extend an interview, or reopen a completed test."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.htmx import changed
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters import durations
from dashboard.presenters.interviews.notify import notify_context
from dashboard.shortcuts import interview_or_404
from dashboard.views.interviews.emails import email_preview
from interviews.lifecycle import FINAL, STARTED, Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas.limits import MAX_DURATION
from interviews.status_labels import status_label
from operations import actions
from operations.actions.email_previews import preview_extension
from operations.exceptions import CONFLICT_MESSAGE
from operations.mail.previews import EmailPreview

QUICK_CHOICES = (5, 15, 30, 60)
DEFAULT_CHOICE = 15
OTHER = "other"
REOPEN_MINUTES = 30


@dataclass(frozen=True)
class Outcome:
    """The interview after a change of its time: the new end, or the new length before it runs."""

    minutes: int
    ends_at: datetime | None
    length: str

    @property
    def label(self) -> str:
        minutes = f"{self.minutes:+d}".replace("-", "−")
        return _("%(minutes)s min") % {"minutes": minutes}


def outcome(interview: Interview, minutes: int) -> Outcome:
    """Preview a change.

    Only a running interview has an end. While its clock is paused, the end is unknown, but the time
    left is not.
    """
    change = timedelta(minutes=minutes)
    ends: datetime | None = interview.auto_destroy_at
    left = interview.length
    if interview.state is not Status.ACTIVE or ends is None:
        return Outcome(minutes, None, durations.exact(left + change))
    if interview.paused_at is not None:
        left = timedelta(seconds=int(interview.paused_left or 0))
        return Outcome(minutes, None, durations.exact(left + change))
    return Outcome(minutes, ends + change, "")


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def extend(request: HttpRequest, interview_id: str) -> HttpResponse:
    """GET: the dialog, or with `?minutes=` a preview. POST: change the time."""
    interview = interview_or_404(interview_id)
    if request.method == "POST":
        return _extend(request, interview)
    if "minutes" in request.GET:
        minutes = _parse_minutes(request.GET["minutes"])
        preview = (
            outcome(interview, minutes) if minutes is not None and _is_in_range(minutes) else None
        )
        return render(request, "dashboard/interviews/_new_end.html", {"outcome": preview})
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        return _refused(request, interview, _already_over(interview))
    return _extend_form(request, interview, choice=str(DEFAULT_CHOICE))


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def reopen(request: HttpRequest, interview_id: str) -> HttpResponse:
    """GET: the dialog. POST: reopen the test for the given minutes."""
    interview = interview_or_404(interview_id)
    if request.method == "GET":
        if interview.state is not Status.COMPLETED or not interview.history_s3_key:
            return _refused(request, interview, _not_reopenable(interview))
        return _reopen_form(request, interview, str(REOPEN_MINUTES))
    given = request.POST.get("minutes", "")
    minutes = _parse_minutes(given)
    if minutes is None:
        return _reopen_form(request, interview, given, error=_number_error(given))
    try:
        actions.reopen(interview, minutes, by=username(request))
    except actions.InvalidInputError as error:
        return _reopen_form(request, interview, given, error=error.message)
    except actions.WrongStateError as error:
        return _refused(request, interview, str(error))
    except StaleWriteError:
        return _refused(request, interview, CONFLICT_MESSAGE)
    return changed(HttpResponse(status=204), interview.id, _("The test is being reopened."))


def _extend(request: HttpRequest, interview: Interview) -> HttpResponse:
    choice = request.POST.get("choice", OTHER)
    typed = request.POST.get("minutes", "")
    given = typed if choice == OTHER else choice
    minutes = _parse_minutes(given)
    if email_preview.is_asked(request):
        return _preview(request, interview, minutes, given)
    if minutes is None:
        return _extend_form(request, interview, choice, typed, error=_number_error(given))
    try:
        notify = "notify" in request.POST
        actions.extend(interview, minutes, by=username(request), notify=notify)
    except actions.InvalidInputError as error:
        return _extend_form(request, interview, choice, typed, error=error.message)
    except actions.WrongStateError as error:
        return _refused(request, interview, str(error))
    except StaleWriteError:
        return _refused(request, interview, CONFLICT_MESSAGE)
    words = durations.exact(timedelta(minutes=abs(minutes)))
    done = _("%(length)s added.") if minutes > 0 else _("%(length)s taken away.")
    return changed(HttpResponse(status=204), interview.id, done % {"length": words})


def _preview(
    request: HttpRequest, interview: Interview, minutes: int | None, given: str
) -> HttpResponse:
    def draw() -> EmailPreview:
        if minutes is None:
            raise actions.InvalidInputError("minutes", _number_error(given))
        return preview_extension(interview, minutes, by=username(request))

    return email_preview.show(request, draw, notify="notify" in request.POST)


def _extend_form(
    request: HttpRequest, interview: Interview, choice: str, typed: str = "", error: str = ""
) -> HttpResponse:
    minutes = _parse_minutes(typed)
    context = {
        "interview": interview,
        "is_running": interview.state is Status.ACTIVE,
        "now": outcome(interview, 0),
        "quick": [outcome(interview, each) for each in QUICK_CHOICES],
        "choice": choice,
        "typed": typed,
        "error": error,
        "limit": actions.MAX_EXTENSION,
        "outcome": outcome(interview, minutes) if minutes and _is_in_range(minutes) else None,
    } | notify_context(interview, request.POST if error else None)
    return render(
        request, "dashboard/interviews/_extend.html", context, status=422 if error else 200
    )


def _reopen_form(
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


def _already_over(interview: Interview) -> str:
    status = status_label(interview.state)
    return _("The time can't be changed any more. Status: %(status)s.") % {"status": status}


def _not_reopenable(interview: Interview) -> str:
    if interview.state in STARTED:
        return _("It's open already. Status: %(status)s.") % {
            "status": status_label(interview.state)
        }
    if interview.state is Status.COMPLETED:
        return _("No files were saved, so there's nothing to go on with.")
    return _("Only a finished test can be reopened. Status: %(status)s.") % {
        "status": status_label(interview.state)
    }


def _parse_minutes(text: str) -> int | None:
    """Parse a whole number with any kind of plus or minus sign; None if it is not one."""
    text = text.strip().replace("−", "-")
    digits = text.removeprefix("+").removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and len(text) <= 13):
        return None
    return int(text)


def _number_error(text: str) -> str:
    return _("Enter a whole number.") if text.strip() else _("Enter the minutes.")


def _is_in_range(minutes: int) -> bool:
    """True if a preview is possible: a larger number exceeds every date."""
    return abs(minutes) <= actions.MAX_EXTENSION
