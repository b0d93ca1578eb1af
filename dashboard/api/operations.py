"""Operations of an interview and their logs in the staff API."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from dashboard.api.auth import needs
from dashboard.api.schemas.operations import LogPage, OperationOut, OperationPage
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE, Accepted, After
from dashboard.permissions.decorators import username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404, operation_or_404
from operations import actions, models, operation_log
from operations.models import Operation

router = Router(by_alias=True)

LINES = 500


@router.get("/operations", response={200: OperationPage, **REFUSED}, tags=["Operations"])
@needs(Permission.VIEW)
def operations(
    request: HttpRequest, interview_id: Annotated[str, Query(alias="interviewId")]
) -> dict[str, object]:
    """The operations of an interview, newest first."""
    interview = interview_or_404(interview_id)
    return {"items": models.list_operations(interview.id), "next": None}


@router.get(
    "/operations/{operation_id}", response={200: OperationOut, **REFUSED}, tags=["Operations"]
)
@needs(Permission.VIEW)
def operation(request: HttpRequest, operation_id: str) -> Operation:
    """One operation."""
    return operation_or_404(operation_id)


@router.get(
    "/operations/{operation_id}/logs", response={200: LogPage, **REFUSED}, tags=["Operations"]
)
@needs(Permission.VIEW)
def logs(request: HttpRequest, operation_id: str, after: After = 0) -> dict[str, object]:
    """The lines of an operation's log, oldest first; `next` is the `after` of the next page."""
    lines = operation_log.read_lines(operation_or_404(operation_id).id, after=after, limit=LINES)
    full = len(lines) == LINES
    return {"items": lines, "next": str(int(lines[-1].seq)) if full else None}


@router.post(
    "/operations/{operation_id}/cancel",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Operations"],
)
@needs(Permission.MANAGE)
def cancel(request: HttpRequest, operation_id: str) -> Status[Any]:
    """Cancel the start of a workspace. What it created is removed; it can be tried again."""
    operation = operation_or_404(operation_id)
    actions.cancel(operation, by=username(request))
    return Status(202, {"interview_id": operation.interview_id, "operation_id": operation.id})
