"""The staff's JSON API: the same actions as the dashboard's pages, behind the same session."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router, Status

from dashboard import audit, credentials, downloads
from dashboard.access import interview_or_404, may, needs, operation_or_404, username
from dashboard.repeatable import Key, once
from dashboard.roles import Permission
from dashboard.schemas import (
    REFUSED,
    REFUSED_CHANGE,
    Accepted,
    After,
    DestroyIn,
    ExtendIn,
    InterviewCreated,
    InterviewOut,
    InterviewPage,
    LiveIn,
    LogPage,
    OperationOut,
    OperationPage,
    ReopenIn,
    TakeHomeIn,
)
from interviews import queries
from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions, models, operation_log
from operations.models import Operation

router = Router(by_alias=True)

LINES = 500

# `downloads` reads it, for the pages' links as well.
Opening = Annotated[
    str | None,
    Query(description="Which opening, of a test that was opened again: 0 is the first"),
]


@router.post(
    "/takehome", response={201: InterviewCreated, **REFUSED_CHANGE}, tags=["Take-home tests"]
)
@needs(Permission.INVITE)
def invite(request: HttpRequest, invitation: TakeHomeIn, key: Key = None) -> Status[Any]:
    """Invite a candidate: they may start at `/take-home/<passcode>/` until `validUntil`."""
    interview = actions.invite(invitation, by=username(request), **once(request, key, invitation))
    audit.record_once(request, "invited", interview.id)
    return Status(201, {"interview": interview})


@router.get("/takehome", response={200: InterviewPage, **REFUSED}, tags=["Take-home tests"])
@needs(Permission.VIEW)
def take_homes(
    request: HttpRequest, cursor: str | None = None, ended: bool = False
) -> queries.Page:
    """The take-home tests that are not over, or with `ended` those that are; newest first.

    To search them: `GET /api/interviews?type=take-home&q=...`.
    """
    page = queries.page("take-home-ended" if ended else "take-home", cursor=cursor)
    shown(request, page.items)
    return page


@router.post(
    "/takehome/{passcode}/revoke",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Take-home tests"],
)
@needs(Permission.MANAGE)
def revoke(request: HttpRequest, passcode: str) -> Status[Any]:
    """Withdraw a test, whatever its state: files are saved, and a workspace is torn down."""
    interview = queries.by_passcode(passcode)
    if interview is None:
        raise Http404("There is no take-home test with this passcode.")
    operation_id = actions.revoke(interview, by=username(request))
    return _accepted(request, "revoked", interview, operation_id)


@router.post("/interviews", response={201: InterviewCreated, **REFUSED_CHANGE}, tags=["Interviews"])
@needs(Permission.INVITE)
def schedule_live(request: HttpRequest, invitation: LiveIn, key: Key = None) -> Status[Any]:
    """Create a live interview, now or at a time: `joinPath` and `password` are what the candidate
    is given, and work from now on."""
    interview = actions.schedule_live(
        invitation, by=username(request), **once(request, key, invitation)
    )
    audit.record_once(request, "scheduled", interview.id)
    return Status(201, {"interview": interview})


@router.get(
    "/interviews/{interview_id}", response={200: InterviewOut, **REFUSED}, tags=["Interviews"]
)
@needs(Permission.VIEW)
def interview(request: HttpRequest, interview_id: str) -> Interview:
    """One interview, as it is now."""
    interview = interview_or_404(interview_id)
    shown(request, [interview])
    return interview


@router.post(
    "/interviews/{interview_id}/destroy",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
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
    what = "ended" if wanted is None or wanted.save else "ended_without_saving"
    return _accepted(request, what, interview, operation_id)


@router.post(
    "/interviews/{interview_id}/retry",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def retry(request: HttpRequest, interview_id: str) -> Status[Any]:
    """Provision once more after an error; the candidate gets the whole duration."""
    interview = interview_or_404(interview_id)
    operation_id = actions.retry(interview, by=username(request))
    return _accepted(request, "retried", interview, operation_id)


@router.post(
    "/interviews/{interview_id}/cancel",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def call_off(request: HttpRequest, interview_id: str) -> Status[Any]:
    """Call an interview off, or withdraw a test; what runs is saved and torn down."""
    interview = interview_or_404(interview_id)
    operation_id = actions.revoke(interview, by=username(request))
    return _accepted(request, "revoked", interview, operation_id)


@router.post(
    "/interviews/{interview_id}/extend",
    response={200: InterviewOut, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def extend(request: HttpRequest, interview_id: str, wanted: ExtendIn) -> Interview:
    """Give more time, before the start or while it runs; the candidate's page shows it at once."""
    actions.extend(interview_or_404(interview_id), wanted.minutes, by=username(request))
    audit.record(request, "extended", interview_id, detail=f"{wanted.minutes} minutes")
    return interview_or_404(interview_id)


@router.post(
    "/interviews/{interview_id}/reopen",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def reopen(request: HttpRequest, interview_id: str, wanted: ReopenIn) -> Status[Any]:
    """Open a completed test again, in a new workspace on the files that were saved."""
    interview = interview_or_404(interview_id)
    operation_id = actions.reopen(interview, wanted.minutes, by=username(request))
    return _accepted(request, "reopened", interview, operation_id)


@router.get(
    "/interviews/{interview_id}/files", response={200: None, **REFUSED}, tags=["Interviews"]
)
@needs(Permission.VIEW)
def files(request: HttpRequest, interview_id: str, opening: Opening = None) -> HttpResponseBase:
    """The candidate's saved files (tar.gz)."""
    interview = interview_or_404(interview_id)
    response = downloads.archive(request, interview)
    audit.record(request, "downloaded_files", interview.id)
    return response


@router.get("/operations", response={200: OperationPage, **REFUSED}, tags=["Operations"])
@needs(Permission.VIEW)
def operations(
    request: HttpRequest, interview_id: Annotated[str, Query(alias="interviewId")]
) -> dict[str, object]:
    """What was done for an interview, newest first."""
    interview = interview_or_404(interview_id)
    return {"items": models.of_interview(interview.id), "next": None}


@router.get(
    "/operations/{operation_id}", response={200: OperationOut, **REFUSED}, tags=["Operations"]
)
@needs(Permission.VIEW)
def operation(request: HttpRequest, operation_id: str) -> Operation:
    """One operation, as it is now."""
    return operation_or_404(operation_id)


@router.get(
    "/operations/{operation_id}/logs", response={200: LogPage, **REFUSED}, tags=["Operations"]
)
@needs(Permission.VIEW)
def logs(request: HttpRequest, operation_id: str, after: After = 0) -> dict[str, object]:
    """The lines of an operation's log, oldest first; `next` is the `after` of the next page."""
    lines = operation_log.lines(operation_or_404(operation_id).id, after=after, limit=LINES)
    full = len(lines) == LINES
    return {"items": lines, "next": str(int(lines[-1].seq)) if full else None}


@router.post(
    "/operations/{operation_id}/cancel",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Operations"],
)
@needs(Permission.MANAGE)
def cancel(request: HttpRequest, operation_id: str) -> Status[Any]:
    """Stop an operation that provisions. What it made is cleaned up; it can be tried again."""
    operation = operation_or_404(operation_id)
    actions.cancel(operation, by=username(request))
    audit.record(request, "cancelled_operation", operation.interview_id)
    return Status(202, {"interview_id": operation.interview_id, "operation_id": operation.id})


def shown(request: HttpRequest, interviews: list[Interview]) -> None:
    """Who may see passwords is about to: that is written in the audit trail."""
    if may(request, Permission.SEE_CREDENTIALS):
        audit.saw(request, [each.id for each in interviews if credentials.password(each)])


def _accepted(
    request: HttpRequest, what: str, interview: Interview, operation_id: str | None
) -> Status[Any]:
    """What was asked for is under way: written in the audit trail, and answered."""
    audit.record(request, what, interview.id)
    return Status(202, {"interview_id": interview.id, "operation_id": operation_id})
