"""/api/candidate-data: everything that is stored about a candidate."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from dashboard.api.auth import needs
from dashboard.api.schemas.responses import REFUSED_CHANGE
from dashboard.permissions.decorators import username
from dashboard.permissions.reviewing import viewer_of
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404
from interviews import queries
from interviews.schemas.fields import CAMEL, CAMEL_ANSWER
from interviews.schemas.limits import MAX_EMAIL
from operations.archives.download import stream_download
from operations.candidate_data import deletion, export, selection
from operations.candidate_data.selection import Candidate
from operations.exceptions import InvalidInputError

router = Router(by_alias=True, tags=["Candidate data"])


class CandidateIn(Schema):
    """An email address, or one of the candidate's interviews; its address is used if it has one."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"examples": [{"email": "ada@example.com"}]},
        **CAMEL,
    )

    email: str | None = Field(None, max_length=MAX_EMAIL, description="In upper or lower case")
    interview_id: str | None = Field(None, max_length=queries.MAX_ID)


class CandidateDeleteIn(CandidateIn):
    end_running: bool = Field(
        False,
        description="Stop tests in progress without saving their files; delete again afterwards",
    )


class InventoryOut(Schema):
    """The number of stored or deleted items, by kind."""

    model_config = CAMEL_ANSWER

    interviews: int
    archives: int
    operations: int
    log_lines: int
    search_terms: int
    emails: int
    import_rows: int
    webhook_messages: int
    reviews: int = Field(description="Reviews, drafts too")
    decisions: int = Field(description="Decisions, changed ones too")
    progress_states: int = Field(description="States of progress that were kept")
    check_runs: int = Field(description="Runs of checks")
    old_rows: int = Field(description="Rows in an earlier portal's table")


class CandidateOut(Schema):
    """What is stored about a candidate, with the IDs of the interviews, newest first."""

    model_config = CAMEL_ANSWER

    stored: InventoryOut
    interview_ids: list[str]


class DeletionOut(Schema):
    """What was deleted, and the IDs of interviews that weren't."""

    model_config = CAMEL_ANSWER

    deleted: InventoryOut
    running: list[str] = Field(description="Not deleted, because they are in progress")
    ending: list[str] = Field(description="Being stopped: delete again in a minute")
    failed: list[str] = Field(description="Not deleted because of an error: try again")


@router.post("/candidate-data", response={200: CandidateOut, **REFUSED_CHANGE})
@needs(Permission.DELETE)
def candidate_data(request: HttpRequest, body: CandidateIn) -> dict[str, Any]:
    """What is stored about a candidate. A search by address reads every interview once."""
    candidate = _find(body)
    return {
        "stored": candidate.inventory(),
        "interview_ids": [each.id for each in candidate.interviews],
    }


@router.post("/candidate-data/export", response={200: None, **REFUSED_CHANGE})
@needs(Permission.DELETE)
def export_data(request: HttpRequest, body: CandidateIn) -> HttpResponseBase:
    """A zip file with one JSON document and the saved archives, without passwords and links."""
    chunks = export.export_candidate(_find(body), viewer_of(request))
    return stream_download(request, chunks, export.FILE_NAME, "application/zip")


@router.post("/candidate-data/delete", response={200: DeletionOut, **REFUSED_CHANGE})
@needs(Permission.DELETE)
def delete_data(request: HttpRequest, body: CandidateDeleteIn) -> dict[str, Any]:
    """Delete it permanently. Invitations that weren't started are withdrawn first."""
    result = deletion.delete_candidate(
        _find(body), by=username(request), end_running=body.end_running
    )
    return {
        "deleted": result.deleted,
        "running": [each.id for each in result.running],
        "ending": [each.id for each in result.ending],
        "failed": [each.id for each in result.failed],
    }


def _find(body: CandidateIn) -> Candidate:
    """Find the candidate.

    Raises:
        InvalidInputError: if the body has no address and no id, or both.
        Http404: if there is no such interview.
    """
    if bool(body.email and body.email.strip()) == bool(body.interview_id):
        raise InvalidInputError("email", _("Send either email or interviewId."))
    if body.email:
        return selection.find_by_email(body.email)
    return selection.find_by_interview(interview_or_404(body.interview_id or ""))
