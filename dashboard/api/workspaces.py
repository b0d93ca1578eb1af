"""/api/workspaces: who waits in line for one, and those that run and no interview needs."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from dashboard.api.auth import needs
from dashboard.api.schemas.interviews import InterviewOut
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE
from dashboard.permissions.decorators import username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404, orphan_or_404
from interviews.models import Interview
from interviews.schemas.fields import CAMEL, CAMEL_ANSWER
from operations.actions import move_to_front
from operations.admission import positions
from operations.reaper import actions
from operations.reaper.models import Orphan, open_orphans

router = Router(by_alias=True, tags=["Workspaces"])


class EndIn(Schema):
    model_config = ConfigDict(strict=True, **CAMEL)

    save_files: Annotated[
        bool, Field(description="false to give up the files after saving them failed")
    ] = True


class OrphanOut(Schema):
    """A workspace that no longer belongs to an interview."""

    model_config = CAMEL_ANSWER

    id: int
    engine: str
    name: str
    why: str = Field(
        description='"stranger" (no such interview), "over", "other_opening" (it goes on elsewhere)'
    )
    interview_id: str = Field(description="The interview that it belonged to; empty if none")
    since: datetime
    first_seen: datetime
    last_seen: datetime
    end_at: datetime = Field(description="When it is shut down, or that is tried again")
    ended_by: str
    kept_by: str
    problem: str = Field(description="Why it couldn't be shut down the last time")
    ended_at: datetime | None


class InLineOut(Schema):
    """A start that waits for a workspace."""

    model_config = CAMEL_ANSWER

    place: int = Field(description="From 1")
    interview_id: str = Field(description="Of a practice workspace: the interview it is before")
    type: str = Field(description='That of the interview, or "practice"')
    queued_at: datetime


class LeftOut(Schema):
    """A place of a failed start whose workspace couldn't be removed yet."""

    model_config = CAMEL_ANSWER

    interview_id: str = Field(description="Of a practice workspace: the interview it is before")
    since: datetime = Field(description="When the start failed")


class EngineOut(Schema):
    """An engine with a limit of workspaces."""

    model_config = CAMEL_ANSWER

    engine: str
    limit: int
    running: int
    waiting: list[InLineOut] = Field(description="The line, in order")
    not_removed: list[LeftOut] = Field(
        description="Of the running ones, those of failed starts that are still being removed"
    )


class EngineList(Schema):
    items: list[EngineOut]
    next: str | None


class OrphanList(Schema):
    items: list[OrphanOut]
    next: str | None


@router.get("/workspaces/line", response={200: EngineList, **REFUSED})
@needs(Permission.VIEW)
def line(request: HttpRequest) -> EngineList:
    """The engines that have a limit of workspaces, and who waits in line there."""
    items = [
        EngineOut(
            engine=each.engine,
            limit=each.limit,
            running=each.running,
            waiting=[
                InLineOut(
                    place=place,
                    interview_id=admission.shown_at,
                    type=admission.type,
                    queued_at=admission.queued_at,
                )
                for place, admission in enumerate(each.waiting, 1)
            ],
            not_removed=[
                LeftOut(interview_id=admission.shown_at, since=admission.left_since)
                for admission in each.left
                if admission.left_since is not None
            ],
        )
        for each in positions.lines()
    ]
    return EngineList(items=items, next=None)


@router.post(
    "/interviews/{interview_id}/move-up",
    response={200: InterviewOut, **REFUSED_CHANGE},
    tags=["Interviews"],
)
@needs(Permission.MANAGE)
def move_up(request: HttpRequest, interview_id: str) -> Interview:
    """Move a start that waits for a workspace to the front of its line."""
    move_to_front(interview_or_404(interview_id), by=username(request))
    return interview_or_404(interview_id)


@router.get("/workspaces/unneeded", response={200: OrphanList, **REFUSED})
@needs(Permission.VIEW)
def unneeded(request: HttpRequest) -> dict[str, object]:
    """All workspaces without an interview, in the order in which they were found."""
    return {"items": list(open_orphans()), "next": None}


@router.post("/workspaces/unneeded/{orphan_id}/end", response={202: OrphanOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def end(request: HttpRequest, orphan_id: int, body: EndIn) -> Status[Any]:
    """Shut it down now. Files that aren't saved yet are saved first."""
    orphan = orphan_or_404(orphan_id)
    actions.end_orphan_now(orphan, by=username(request), save=body.save_files)
    return Status(202, orphan_or_404(orphan_id))


@router.post("/workspaces/unneeded/{orphan_id}/keep", response={200: OrphanOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def keep(request: HttpRequest, orphan_id: int) -> Orphan:
    """Keep it for a day from now."""
    orphan = orphan_or_404(orphan_id)
    actions.keep_orphan(orphan, by=username(request))
    return orphan_or_404(orphan_id)
