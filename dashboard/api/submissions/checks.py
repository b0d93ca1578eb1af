"""The checks of submissions in the staff API, through the same actions as the pages."""

from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from dashboard.api.auth import needs
from dashboard.api.schemas.checks import (
    CheckRunOut,
    CheckRunsOut,
    CheckRunWithTestsOut,
    RunAllOut,
    RunChecksIn,
    VersionChecksOut,
)
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE
from dashboard.permissions.decorators import username
from dashboard.permissions.roles import Permission
from dashboard.presenters.challenge_checks import ChallengeChecks
from dashboard.presenters.checks import MAX_HISTORY
from dashboard.shortcuts import (
    challenge_or_404,
    check_run_or_404,
    interview_or_404,
    trial_or_404,
    version_or_404,
)
from operations import audit
from operations.checks import actions
from operations.checks.models import CheckResult, CheckRun

router = Router(by_alias=True, tags=["Checks"])


@router.get("/interviews/{interview_id}/checks", response={200: CheckRunsOut, **REFUSED})
@needs(Permission.VIEW)
def checks(request: HttpRequest, interview_id: str) -> dict[str, Any]:
    """The latest 30 runs of the checks of a submission, with how many tests passed."""
    interview = interview_or_404(interview_id)
    counts = Prefetch("results", CheckResult.objects.defer("tests", "output"))
    runs = CheckRun.objects.filter(interview_id=interview.id).prefetch_related(counts)
    return {"items": list(runs[:MAX_HISTORY])}


@router.get(
    "/interviews/{interview_id}/checks/{run_id}", response={200: CheckRunWithTestsOut, **REFUSED}
)
@needs(Permission.VIEW)
def check_run(request: HttpRequest, interview_id: str, run_id: str) -> CheckRun:
    """A run of the checks of a submission, with the result of each test."""
    interview = interview_or_404(interview_id)
    run = check_run_or_404(run_id)
    if run.interview_id != interview.id:
        raise Http404(_("Run not found."))
    if run.is_finished:
        audit.record_submission_opened(interview.id)
    return run


@router.post("/interviews/{interview_id}/checks", response={202: CheckRunOut, **REFUSED_CHANGE})
@needs(Permission.REVIEW)
def run_checks(
    request: HttpRequest, interview_id: str, body: RunChecksIn | None = None
) -> Status[Any]:
    """Run the checks on the latest submission, also those of a newer version, or on a state that
    was kept while the candidate worked."""
    interview = interview_or_404(interview_id)
    if body is not None and body.state is not None:
        return Status(202, actions.check_state(interview, body.state, by=username(request)))
    number = body.version if body is not None else None
    return Status(202, actions.run_again(interview, by=username(request), number=number))


@router.get(
    "/challenges/{challenge_id}/versions/{number}/checks",
    response={200: VersionChecksOut, **REFUSED},
)
@needs(Permission.VIEW)
def version_checks(request: HttpRequest, challenge_id: str, number: int) -> dict[str, Any]:
    """The checks of a version, with its latest trial."""
    found = ChallengeChecks(version_or_404(challenge_or_404(challenge_id), str(number)))
    return {"checks": found.checks, "trial": [each.run for each in found.trial]}


@router.post(
    "/challenges/{challenge_id}/versions/{number}/checks/trial",
    response={202: CheckRunsOut, **REFUSED_CHANGE},
)
@needs(Permission.EDIT_CHALLENGES)
def try_checks(request: HttpRequest, challenge_id: str, number: int) -> Status[Any]:
    """Run a version's checks on its starting files, which must fail, and on its reference solution,
    which must pass."""
    challenge = challenge_or_404(challenge_id)
    version_or_404(challenge, str(number))
    runs = actions.start_trial(challenge.id, number, by=username(request))
    return Status(202, {"items": runs})


@router.get(
    "/challenges/{challenge_id}/checks/trials/{run_id}",
    response={200: CheckRunWithTestsOut, **REFUSED},
)
@needs(Permission.VIEW)
def trial_run(request: HttpRequest, challenge_id: str, run_id: str) -> CheckRun:
    """A trial of a challenge's checks, with the result of each test."""
    return trial_or_404(challenge_or_404(challenge_id), run_id)


@router.post(
    "/challenges/{challenge_id}/checks/run-all", response={202: RunAllOut, **REFUSED_CHANGE}
)
@needs(Permission.EDIT_CHALLENGES)
def run_all(request: HttpRequest, challenge_id: str) -> Status[Any]:
    """Run the current version's checks on the latest submission of each interview, at most 500.

    What waits or runs with them already is not queued again."""
    challenge = challenge_or_404(challenge_id)
    started = actions.run_all(challenge.id, by=username(request))
    queued = len(started.queued)
    return Status(202, {"submissions": queued + started.unfinished, "queued": queued})
