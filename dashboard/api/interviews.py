"""Interviews in the staff API, through the same actions as the dashboard's pages."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from dashboard.api.auth import needs
from dashboard.api.idempotency import Key, idempotency_args
from dashboard.api.schemas.interview_requests import (
    NOTIFY,
    DestroyIn,
    EditIn,
    ExtendIn,
    LiveIn,
    ReopenIn,
    RescheduleIn,
    TakeHomeIn,
)
from dashboard.api.schemas.interviews import InterviewCreated, InterviewOut, InterviewPage
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE, Accepted
from dashboard.filters.history import HistoryQuery
from dashboard.permissions import credentials
from dashboard.permissions.decorators import may, username
from dashboard.permissions.reviewing import findable, shown, shown_one
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.line import read_positions
from dashboard.presenters.reviews.decisions import read_decisions
from dashboard.shortcuts import interview_or_404
from interviews import queries
from interviews.lifecycle import EndReason
from interviews.models import Interview
from interviews.queries import Page
from interviews.schemas.invitations import InvitationEdit
from operations import actions, audit, retention
from operations.archives import download
from operations.audit import AuditAction

router = Router(by_alias=True)


# Documents the parameter. `requested_opening` reads it, because the pages' links use it as well.
Opening = Annotated[
    str | None,
    Query(description="Which archive, if there are several: as in `sittings`"),
]


# Not in the body: these endpoints have none, and ignore what clients send there.
NotifyParameter = Annotated[bool, Query(description=NOTIFY)]


@router.post(
    "/takehome", response={201: InterviewCreated, **REFUSED_CHANGE}, tags=["Take-home tests"]
)
@needs(Permission.INVITE)
def invite(request: HttpRequest, invitation: TakeHomeIn, key: Key = None) -> Status[Any]:
    """Invite a candidate: they may start at `/take-home/<passcode>/` until `validUntil`."""
    interview = actions.invite(
        invitation, by=username(request), **idempotency_args(request, key, invitation)
    )
    return Status(201, {"interview": interview})


@router.get("/takehome", response={200: InterviewPage, **REFUSED}, tags=["Take-home tests"])
@needs(Permission.VIEW)
def take_homes(
    request: HttpRequest, cursor: str | None = None, ended: bool = False
) -> queries.Page:
    """The take-home tests that haven't ended, or with `ended` those that have; newest first.

    To search them: `GET /api/interviews?type=take-home&q=...`.
    """
    page = queries.list_page("take-home-ended" if ended else "take-home", cursor=cursor)
    return _shown_page(request, page)


@router.post(
    "/takehome/{passcode}/revoke",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Take-home tests"],
)
@needs(Permission.MANAGE)
def revoke(request: HttpRequest, passcode: str, notify: NotifyParameter = True) -> Status[Any]:
    """Withdraw a test that hasn't ended. Files are saved and the workspace is shut down. A test
    that is already ending keeps its outcome (409)."""
    interview = queries.get_by_passcode(passcode)
    if interview is None:
        raise Http404(_("There's no take-home test with this passcode."))
    operation_id = actions.revoke(interview, by=username(request), notify=notify)
    return _accepted(interview, operation_id)


@router.post("/interviews", response={201: InterviewCreated, **REFUSED_CHANGE}, tags=["Interviews"])
@needs(Permission.INVITE)
def schedule_live(request: HttpRequest, invitation: LiveIn, key: Key = None) -> Status[Any]:
    """Create a live interview, now or at a time. Give the candidate `joinPath` and `password`,
    which work from now on."""
    interview = actions.schedule_live(
        invitation, by=username(request), **idempotency_args(request, key, invitation)
    )
    return Status(201, {"interview": interview})


@router.get(
    "/interviews/{interview_id}", response={200: InterviewOut, **REFUSED}, tags=["Interviews"]
)
@needs(Permission.VIEW)
def interview(request: HttpRequest, interview_id: str) -> Interview:
    """One interview."""
    interview = interview_or_404(interview_id)
    _audit_passwords(request, [interview])
    return shown_one(request, interview)


@router.post(
    "/interviews/{interview_id}/destroy",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def destroy(request: HttpRequest, interview_id: str, body: DestroyIn | None = None) -> Status[Any]:
    """Stop an interview: the files are saved, then the workspace is shut down."""
    interview = interview_or_404(interview_id)
    operation_id = actions.end(
        interview,
        by=username(request),
        reason=EndReason.ENDED_BY_STAFF,
        save=body is None or body.save,
    )
    return _accepted(interview, operation_id)


@router.post(
    "/interviews/{interview_id}/retry",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def retry(request: HttpRequest, interview_id: str) -> Status[Any]:
    """Try a failed start again. The candidate gets the full time."""
    interview = interview_or_404(interview_id)
    operation_id = actions.retry(interview, by=username(request))
    return _accepted(interview, operation_id)


@router.post(
    "/interviews/{interview_id}/cancel",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def call_off(
    request: HttpRequest, interview_id: str, notify: NotifyParameter = True
) -> Status[Any]:
    """Cancel an interview or withdraw a test. What is in progress is saved and shut down. What is
    already ending keeps its outcome (409)."""
    interview = interview_or_404(interview_id)
    operation_id = actions.revoke(interview, by=username(request), notify=notify)
    return _accepted(interview, operation_id)


@router.post(
    "/interviews/{interview_id}/extend",
    response={200: InterviewOut, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def extend(request: HttpRequest, interview_id: str, body: ExtendIn) -> Interview:
    """Add time, before the start or in progress. The candidate is notified right away."""
    actions.extend(
        interview_or_404(interview_id), body.minutes, by=username(request), notify=body.notify
    )
    return interview_or_404(interview_id)


@router.patch(
    "/interviews/{interview_id}",
    response={200: InterviewOut, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def edit(request: HttpRequest, interview_id: str, body: EditIn) -> Interview:
    """Change an invitation before its start. Of an expired test only `validUntil`, which
    reactivates it. The link stays the same."""
    edit = InvitationEdit(**body.model_dump(exclude_unset=True, exclude={"notify"}))
    actions.edit_invitation(
        interview_or_404(interview_id), edit, by=username(request), notify=body.notify
    )
    return interview_or_404(interview_id)


@router.post(
    "/interviews/{interview_id}/reschedule",
    response={200: InterviewOut, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def reschedule(request: HttpRequest, interview_id: str, body: RescheduleIn) -> Interview:
    """Reschedule a live interview or change its length, until its workspace is prepared. Link,
    passcode and password stay the same. The candidate's page updates right away."""
    actions.reschedule(
        interview_or_404(interview_id),
        by=username(request),
        at=body.scheduled_at,
        local=body.scheduled_local,
        zone=body.time_zone,
        minutes=body.duration_minutes,
        confirm_offset=body.confirm_offset,
        notify=body.notify,
    )
    return interview_or_404(interview_id)


@router.post(
    "/interviews/{interview_id}/reopen",
    response={202: Accepted, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def reopen(request: HttpRequest, interview_id: str, body: ReopenIn) -> Status[Any]:
    """Reopen a finished test in a new workspace with the saved files."""
    interview = interview_or_404(interview_id)
    operation_id = actions.reopen(interview, body.minutes, by=username(request))
    return _accepted(interview, operation_id)


@router.get(
    "/interviews/{interview_id}/files", response={200: None, **REFUSED}, tags=["Interviews"]
)
@needs(Permission.VIEW)
def files(request: HttpRequest, interview_id: str, opening: Opening = None) -> HttpResponseBase:
    """The candidate's saved files (tar.gz)."""
    interview = interview_or_404(interview_id)
    response = download.archive(request, shown_one(request, interview))
    audit.record(AuditAction.DOWNLOADED_FILES, interview.id)
    return response


def _shown_page(request: HttpRequest, page: Page) -> Page:
    """The page as it is shown, with its decisions and who is in line, and with an entry for
    passwords on it."""
    read_decisions(request, page.items)
    read_positions(request, page.items)
    _audit_passwords(request, page.items)
    return Page(shown(request, page.items), page.next)


def _audit_passwords(request: HttpRequest, interviews: list[Interview]) -> None:
    """Audit that the response shows these interviews' passwords, if it does."""
    if may(request, Permission.SEE_CREDENTIALS):
        audit.record_credentials_shown(
            [each.id for each in interviews if credentials.password(each)]
        )


def _accepted(interview: Interview, operation_id: str | None) -> Status[Any]:
    """Answer 202 with the operation of an accepted request."""
    return Status(202, {"interview_id": interview.id, "operation_id": operation_id})


@router.get("/interviews", response={200: InterviewPage, **REFUSED}, tags=["Interviews"])
@needs(Permission.VIEW)
def interviews(
    request: HttpRequest,
    query: Query[HistoryQuery],
    ended: Annotated[bool | None, Query(description="Defaults to both")] = None,
    cursor: str | None = None,
) -> Page:
    """Interviews of both types, 50 at a time. Newest end first where only what ended is asked for
    (`ended=true`, a status or a day), otherwise newest creation first. A test that was reopened
    counts by its last sitting: how and when that ended.

    With `q` a page may hold fewer, or none, and still have a `next`.
    """
    by_passcode = may(request, Permission.SEE_CREDENTIALS)
    page = query.page(ended=ended, cursor=cursor, by_passcode=by_passcode)
    return _shown_page(request, Page(findable(request, page.items, query.q), page.next))


@router.delete(
    "/interviews/{interview_id}", response={204: None, **REFUSED_CHANGE}, tags=["Interviews"]
)
@needs(Permission.DELETE)
def delete(request: HttpRequest, interview_id: str) -> Status[Any]:
    """Delete an ended interview permanently, with its files and log."""
    interview = interview_or_404(interview_id)
    retention.delete_interview(interview, by=username(request))
    return Status(204, None)
