"""/api/workspaces: workspaces that the engines run and no interview needs."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from dashboard.api.auth import needs
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE
from dashboard.permissions.decorators import username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import orphan_or_404
from interviews.schemas.fields import CAMEL, CAMEL_ANSWER
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


class OrphanList(Schema):
    items: list[OrphanOut]
    next: str | None


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
