"""The progress that was kept of an interview, in the staff API."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from dashboard.api.auth import needs
from dashboard.api.schemas.progress import ProgressOut
from dashboard.api.schemas.responses import REFUSED
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404
from operations import audit
from operations.progress.records import states_of

router = Router(by_alias=True, tags=["Interviews"])


@router.get("/interviews/{interview_id}/progress", response={200: ProgressOut, **REFUSED})
@needs(Permission.VIEW)
def progress(request: HttpRequest, interview_id: str) -> dict[str, Any]:
    """How the work grew while the workspace ran, in numbers. The files are on the pages only."""
    interview = interview_or_404(interview_id)
    audit.record_progress_opened(interview.id)
    return {"kept_at": interview.kept_at, "states": states_of(interview.id)}
