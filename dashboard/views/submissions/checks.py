"""The checks of a submission: their results, run by run, and the button that runs them again."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from dashboard.permissions.decorators import require, require_staff, username
from dashboard.permissions.reviewing import shown_one
from dashboard.permissions.roles import Permission
from dashboard.presenters.checks import RunView, interview_checks
from dashboard.shortcuts import (
    challenge_or_404,
    interview_or_404,
    trial_or_404,
    version_or_404,
)
from operations import audit
from operations.checks import actions
from operations.exceptions import InvalidInputError, WrongStateError


@require_GET
@require_staff
def checks(request: HttpRequest, interview_id: str) -> HttpResponse:
    """The page with the run in `?run=`, or else the latest; with HX-Request, what may change."""
    interview = interview_or_404(interview_id)
    page = interview_checks(interview)
    shown = page.run_of(request.GET.get("run", ""))
    if shown is None and request.GET.get("run"):
        raise Http404(_("Run not found."))
    context = {
        "interview": shown_one(request, interview),
        "checks": page,
        "shown": shown,
        "address": request.get_full_path(),
    }
    if shown is not None and shown.run.is_finished:
        audit.record_submission_opened(interview.id)
    part = "_live.html" if request.headers.get("HX-Request") else "page.html"
    return render(request, f"dashboard/checks/{part}", context)


@require_POST
@require(Permission.REVIEW)
def run(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Run the checks of the version in `version` on the latest submission, or on a kept `state`."""
    interview = interview_or_404(interview_id)
    number = request.POST.get("version", "")
    state = request.POST.get("state", "")
    try:
        if state:
            actions.check_state(interview, _number(state) or 0, by=username(request))
        else:
            actions.run_again(interview, by=username(request), number=_number(number))
    except (WrongStateError, InvalidInputError) as error:
        messages.error(request, str(getattr(error, "message", error)))
    else:
        messages.success(request, _("The checks were started."))
    return redirect("dashboard:checks", interview.id)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


@require_GET
@require_staff
def trial(request: HttpRequest, challenge_id: str, run_id: str) -> HttpResponse:
    """The results of a trial, on the starting files or the reference solution."""
    challenge = challenge_or_404(challenge_id)
    run = trial_or_404(challenge, run_id)
    context = {
        "challenge": challenge,
        "shown": RunView(run),
        "address": request.get_full_path(),
    }
    part = "_trial.html" if request.headers.get("HX-Request") else "trial.html"
    return render(request, f"dashboard/checks/{part}", context)


@require_POST
@require(Permission.EDIT_CHALLENGES)
def start_trial(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """Try the checks of the version in `version`."""
    challenge = challenge_or_404(challenge_id)
    version = version_or_404(challenge, request.POST.get("version"))
    try:
        actions.start_trial(challenge.id, int(version.number or 0), by=username(request))
    except InvalidInputError as error:
        messages.error(request, error.message)
    return redirect("dashboard:challenge", challenge.id)


@require_POST
@require(Permission.EDIT_CHALLENGES)
def run_all(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """Run the current version's checks on all submissions of the challenge."""
    challenge = challenge_or_404(challenge_id)
    try:
        started = actions.run_all(challenge.id, by=username(request))
    except InvalidInputError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _run_all_words(len(started.queued), started.unfinished))
    return redirect("dashboard:challenge", challenge.id)


def _run_all_words(queued: int, unfinished: int) -> str:
    words = ngettext(
        "The checks of %(count)s submission were queued.",
        "The checks of %(count)s submissions were queued.",
        queued,
    ) % {"count": queued}
    if not unfinished:
        return words
    others = ngettext(
        "The checks of %(count)s submission are waiting or running already.",
        "The checks of %(count)s submissions are waiting or running already.",
        unfinished,
    ) % {"count": unfinished}
    return f"{words} {others}" if queued else others
