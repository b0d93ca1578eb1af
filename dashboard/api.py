"""The staff's JSON API: the same actions as the dashboard's pages, behind the same session."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router, Status

from dashboard import downloads
from dashboard.access import interview_or_404, operation_or_404, username
from dashboard.schemas import (
    Accepted,
    After,
    ChallengePage,
    DestroyIn,
    ErrorOut,
    InterviewCreated,
    InterviewOut,
    InterviewPage,
    LogPage,
    OperationOut,
    OperationPage,
    TakeHomeIn,
)
from interviews import challenges, queries
from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions, models
from operations.models import Operation

router = Router(by_alias=True)

LINES = 500
# What every one of these may answer besides.
REFUSED = dict.fromkeys((401, 403, 404, 409, 422, 503), ErrorOut)


@router.post("/takehome", response={201: InterviewCreated, **REFUSED}, tags=["Take-home tests"])
def invite(request: HttpRequest, invitation: TakeHomeIn) -> Status[Any]:
    """Invite a candidate: they may start at `/take-home/<passcode>/` until `validUntil`."""
    interview = actions.invite(invitation, by=username(request))
    return Status(201, {"interview": interview})


@router.get("/takehome", response={200: InterviewPage, **REFUSED}, tags=["Take-home tests"])
def take_homes(
    request: HttpRequest, cursor: str | None = None, ended: bool = False
) -> queries.Page:
    """The take-home tests that are not over, or with `ended` those that are; newest first."""
    return queries.page("take-home-ended" if ended else "take-home", cursor=cursor)


@router.post(
    "/takehome/{passcode}/revoke", response={202: Accepted, **REFUSED}, tags=["Take-home tests"]
)
def revoke(request: HttpRequest, passcode: str) -> Status[Any]:
    """Withdraw a test, whatever its state: files are saved, and a workspace is torn down."""
    interview = queries.by_passcode(passcode)
    if interview is None:
        raise Http404("There is no take-home test with this passcode.")
    return _accepted(interview, actions.revoke(interview, by=username(request)))


@router.get(
    "/interviews/{interview_id}", response={200: InterviewOut, **REFUSED}, tags=["Interviews"]
)
def interview(request: HttpRequest, interview_id: str) -> Interview:
    """One interview, as it is now."""
    return interview_or_404(interview_id)


@router.post(
    "/interviews/{interview_id}/destroy", response={202: Accepted, **REFUSED}, tags=["Interviews"]
)
def destroy(
    request: HttpRequest, interview_id: str, wanted: DestroyIn | None = None
) -> Status[Any]:
    """End a started interview: the files are saved, then the workspace is destroyed."""
    interview = interview_or_404(interview_id)
    operation_id = actions.end(
        interview,
        by=username(request),
        reason=EndReason.ENDED_BY_STAFF,
        save=wanted is None or wanted.save,
    )
    return _accepted(interview, operation_id)


@router.post(
    "/interviews/{interview_id}/retry", response={202: Accepted, **REFUSED}, tags=["Interviews"]
)
def retry(request: HttpRequest, interview_id: str) -> Status[Any]:
    """Provision once more after an error; the candidate gets the whole duration."""
    interview = interview_or_404(interview_id)
    return _accepted(interview, actions.retry(interview, by=username(request)))


@router.get(
    "/interviews/{interview_id}/files", response={200: None, **REFUSED}, tags=["Interviews"]
)
def files(request: HttpRequest, interview_id: str) -> HttpResponseBase:
    """The candidate's saved files (tar.gz)."""
    return downloads.archive(request, interview_or_404(interview_id))


@router.get("/operations", response={200: OperationPage, **REFUSED}, tags=["Operations"])
def operations(
    request: HttpRequest, interview_id: Annotated[str, Query(alias="interviewId")]
) -> dict[str, object]:
    """What was done for an interview, newest first."""
    interview = interview_or_404(interview_id)
    return {"items": models.of_interview(interview.id), "next": None}


@router.get(
    "/operations/{operation_id}", response={200: OperationOut, **REFUSED}, tags=["Operations"]
)
def operation(request: HttpRequest, operation_id: str) -> Operation:
    """One operation, as it is now."""
    return operation_or_404(operation_id)


@router.get(
    "/operations/{operation_id}/logs", response={200: LogPage, **REFUSED}, tags=["Operations"]
)
def logs(request: HttpRequest, operation_id: str, after: After = 0) -> dict[str, object]:
    """The lines of an operation's log, oldest first; `next` is the `after` of the next page."""
    lines = models.logs(operation_or_404(operation_id).id, after=after, limit=LINES)
    full = len(lines) == LINES
    return {"items": lines, "next": str(int(lines[-1].seq)) if full else None}


@router.post(
    "/operations/{operation_id}/cancel", response={202: Accepted, **REFUSED}, tags=["Operations"]
)
def cancel(request: HttpRequest, operation_id: str) -> Status[Any]:
    """Stop an operation that provisions. What it made is cleaned up; it can be tried again."""
    operation = operation_or_404(operation_id)
    actions.cancel(operation, by=username(request))
    return Status(202, {"interview_id": operation.interview_id, "operation_id": operation.id})


@router.get("/challenges", response={200: ChallengePage, **REFUSED}, tags=["Challenges"])
def challenge_library(request: HttpRequest) -> dict[str, object]:
    """The challenges on offer, by name."""
    return {"items": challenges.active(), "next": None}


def _accepted(interview: Interview, operation_id: str | None) -> Status[Any]:
    return Status(202, {"interview_id": interview.id, "operation_id": operation_id})
