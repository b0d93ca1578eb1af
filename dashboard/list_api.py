"""The staff's JSON API: the list of interviews, its search, and deleting.

Their addresses answer to other methods as well, which one router must know: it is dashboard.api's.
"""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Status

from dashboard import audit
from dashboard.access import interview_or_404, may, needs, username
from dashboard.api import router, shown
from dashboard.history_query import HistoryQuery
from dashboard.roles import Permission
from dashboard.schemas import REFUSED, REFUSED_CHANGE, InterviewPage
from interviews.queries import Page
from operations import retention

__all__ = ["router"]


@router.get("/interviews", response={200: InterviewPage, **REFUSED}, tags=["Interviews"])
@needs(Permission.VIEW)
def interviews(
    request: HttpRequest,
    query: Query[HistoryQuery],
    ended: Annotated[bool | None, Query(description="Left out: both")] = None,
    cursor: str | None = None,
) -> Page:
    """Interviews of both types, 50 at a time. Newest end first where only what ended is asked for
    (`ended=true`, a status or a day), otherwise newest creation first.

    With `q` a page may hold fewer, or none, and still have a `next`.
    """
    by_passcode = may(request, Permission.SEE_CREDENTIALS)
    page = query.page(ended=ended, cursor=cursor, by_passcode=by_passcode)
    shown(request, page.items)
    return page


@router.delete(
    "/interviews/{interview_id}", response={204: None, **REFUSED_CHANGE}, tags=["Interviews"]
)
@needs(Permission.DELETE)
def delete(request: HttpRequest, interview_id: str) -> Status[Any]:
    """Delete an interview that is over, with its files and its log. This cannot be undone."""
    interview = interview_or_404(interview_id)
    retention.delete(interview, by=username(request))
    audit.record(request, "deleted", interview.id)
    return Status(204, None)
