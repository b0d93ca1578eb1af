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
from interviews.schemas.fields import CAMEL
from operations.reaper import actions
from operations.reaper.models import Orphan, open_orphans

router = Router(by_alias=True, tags=["Workspaces"])


class EndIn(Schema):
    model_config = ConfigDict(strict=True, **CAMEL)

    save_files: Annotated[
        bool, Field(description="false, after saving them has failed: give them up")
    ] = True


class OrphanOut(Schema):
    """A workspace that runs and that no interview needs."""

    model_config = CAMEL

    id: int
    engine: str
    name: str
    why: str = Field(
        description='"stranger" (no such interview), "over", "other_opening" (it goes on elsewhere)'
    )
    interview_id: str = Field(description="Whose it was; empty where there is none")
    since: datetime
    first_seen: datetime
    last_seen: datetime
    end_at: datetime = Field(description="When it is ended, or that is tried again")
    ended_by: str
    kept_by: str
    problem: str = Field(description="Why it could not be ended the last time")
    ended_at: datetime | None


class OrphanList(Schema):
    items: list[OrphanOut]
    next: str | None


@router.get("/workspaces/unneeded", response={200: OrphanList, **REFUSED})
@needs(Permission.VIEW)
def unneeded(request: HttpRequest) -> dict[str, object]:
    """All workspaces that no interview needs, in the order in which they were found."""
    return {"items": list(open_orphans()), "next": None}


@router.post("/workspaces/unneeded/{orphan_id}/end", response={202: OrphanOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def end(request: HttpRequest, orphan_id: int, body: EndIn) -> Status[Any]:
    """Have it ended now. Files that are nowhere else are saved first."""
    orphan = orphan_or_404(orphan_id)
    actions.end_orphan_now(orphan, by=username(request), save=body.save_files)
    return Status(202, orphan_or_404(orphan_id))


@router.post("/workspaces/unneeded/{orphan_id}/keep", response={200: OrphanOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def keep(request: HttpRequest, orphan_id: int) -> Orphan:
    """Leave it alone for a day from now."""
    orphan = orphan_or_404(orphan_id)
    actions.keep_orphan(orphan, by=username(request))
    return orphan_or_404(orphan_id)
