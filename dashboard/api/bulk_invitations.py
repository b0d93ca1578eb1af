"""/api/invitations/batch: bulk invitations, through the same actions as the pages."""

import json
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema, Status
from ninja.errors import HttpError, ValidationError
from pydantic import ConfigDict, Field
from pydantic import ValidationError as InvitationError

from dashboard.api.auth import needs
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE
from dashboard.forms.bulk_invitations import defaults_of
from dashboard.permissions.decorators import username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import batch_or_404
from interviews.schemas.fields import CAMEL, CAMEL_ANSWER
from interviews.schemas.invitations import TakeHomeInvitation
from interviews.schemas.limits import DEFAULT_VALID_DAYS
from interviews.schemas.responses import ErrorOut
from interviews.schemas.validation_messages import field_messages
from operations.bulk_import import service
from operations.bulk_import.columns import table_from_json
from operations.bulk_import.models import Batch, BatchRow
from operations.exceptions import InvalidInputError

router = Router(by_alias=True, tags=["Bulk invites"])

ROWS = 500
BATCHES = 50
# Largest primary key a database can store.
LARGEST = 2**63 - 1

BatchId = Annotated[int, Path(ge=1, le=LARGEST)]


class Options(Schema):
    """Defaults for empty cells."""

    model_config = CAMEL

    challenge: str = Field("", description="A challenge's ID. Defaults to each row's own")
    duration_minutes: int | None = Field(None, description="Defaults to the challenge's own")
    valid_days: int = DEFAULT_VALID_DAYS
    custom_instructions: str = ""
    send_email: bool = Field(False, description="Email each candidate the link")
    time_zone: str = "UTC"
    dry_run: bool = Field(False, description="Only check the rows. Nobody is invited")
    with_twice: bool = Field(False, description="Include possible duplicates")
    file_name: str = Field("API", max_length=200, description="The name of the batch")


class Chosen(Schema):
    """Which rows. Defaults to all valid ones."""

    model_config = ConfigDict(
        strict=True, **CAMEL, json_schema_extra={"examples": [{"numbers": [1, 2, 5]}]}
    )

    numbers: list[Annotated[int, Field(ge=1, le=10**6)]] | None = Field(None, max_length=5_000)
    with_twice: bool = False


class Counts(Schema):
    rows: int
    good: int = Field(description="Can be invited")
    twice: int = Field(description="Can be invited, but are possible duplicates")
    problem: int
    wanted: int = Field(description="Chosen, not invited yet")
    done: int = Field(description="Invited")
    failed: int


class BatchOut(Schema):
    model_config = CAMEL_ANSWER

    id: int
    file_name: str
    created_by: str
    created_at: datetime
    send_email: bool
    notices: list[str] = Field(description="How the file was read")
    counts: Counts

    @staticmethod
    def resolve_counts(batch: Batch) -> dict[str, int]:
        return batch.counts()


class RowOut(Schema):
    """A row: the candidate, and the interview or the reason why there is none."""

    model_config = CAMEL_ANSWER

    number: int
    line: int = Field(description="The line of the file where the row starts")
    state: str = Field(description='"new", "wanted", "done", "failed"')
    candidate_name: str
    candidate_email: str | None
    challenge: str
    problem: str
    twice: str
    error: str
    interview_id: str | None

    @staticmethod
    def resolve_candidate_name(row: BatchRow) -> str:
        return _said(row, "candidate_name")

    @staticmethod
    def resolve_candidate_email(row: BatchRow) -> str | None:
        return _said(row, "candidate_email") or None

    @staticmethod
    def resolve_challenge(row: BatchRow) -> str:
        return _said(row, "challenge")

    @staticmethod
    def resolve_interview_id(row: BatchRow) -> str | None:
        return row.interview_id or None


class BatchWithRows(Schema):
    batch: BatchOut
    items: list[RowOut]
    next: str | None


class BatchPage(Schema):
    items: list[BatchOut]
    next: str | None


ROW_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": ["string", "integer", "null"]},
    "example": {"candidateName": "Ada", "candidateEmail": "ada@example.com", "durationMinutes": 90},
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "candidate_name,candidate_email\nAda,ada@example.com\n",
            },
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["rows"],
                    "additionalProperties": False,
                    "properties": {
                        "rows": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 5000,
                            "items": ROW_SCHEMA,
                        }
                    },
                }
            },
        },
    }
}


@router.post(
    "/invitations/batch",
    response={201: BatchWithRows, **REFUSED_CHANGE, 415: ErrorOut},
    openapi_extra=BODY,
)
@needs(Permission.INVITE)
def create(request: HttpRequest, options: Query[Options]) -> Status[Any]:
    """Check invitations, and with `dryRun=false` invite the valid ones in the background.

    The body is CSV (`text/csv`) or `{"rows": [...]}`. A row that cannot be keeps no other waiting.
    """
    try:
        defaults = defaults_of(options.model_dump())
    except InvitationError as errors:
        field, message = field_messages(errors, TakeHomeInvitation)[0]
        raise InvalidInputError(field, message) from None
    by = username(request)
    if request.content_type == "text/csv":
        batch = service.import_file(options.file_name, request.body, defaults, by=by)
    elif request.content_type == "application/json":
        batch = service.import_table(
            options.file_name, table_from_json(_rows(request)), defaults, by=by
        )
    else:
        raise HttpError(415, _("The body must be text/csv or application/json."))
    if not options.dry_run:
        service.queue_rows(batch, by=by, include_duplicates=options.with_twice)
    return Status(201, _with_rows(batch, 0))


@router.get("/invitations/batch", response={200: BatchPage, **REFUSED})
@needs(Permission.INVITE)
def batch_list(
    request: HttpRequest, cursor: Annotated[int, Query(ge=1, le=LARGEST)] = LARGEST
) -> dict[str, object]:
    """The batches of the last RETENTION_DAYS days, newest first."""
    batches = list(Batch.objects.filter(pk__lt=cursor)[:BATCHES])
    return {"items": batches, "next": str(batches[-1].pk) if len(batches) == BATCHES else None}


@router.get("/invitations/batch/{batch_id}", response={200: BatchWithRows, **REFUSED})
@needs(Permission.INVITE)
def batch(
    request: HttpRequest,
    batch_id: BatchId,
    after: Annotated[int, Query(ge=0, le=10**6, description="The last row that you have")] = 0,
) -> dict[str, object]:
    """Its progress, and 500 of its rows; `next` is the `after` of the next page."""
    return _with_rows(batch_or_404(batch_id), after)


@router.post("/invitations/batch/{batch_id}/invite", response={202: BatchOut, **REFUSED_CHANGE})
@needs(Permission.INVITE)
def invite(request: HttpRequest, batch_id: BatchId, chosen: Chosen) -> Status[Any]:
    """Invite rows that were only checked, or that failed. Safe to repeat."""
    batch = batch_or_404(batch_id)
    service.queue_rows(
        batch, by=username(request), numbers=chosen.numbers, include_duplicates=chosen.with_twice
    )
    return Status(202, batch)


def _rows(request: HttpRequest) -> list[Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise HttpError(400, _("The body must be a JSON object.")) from None
    if not isinstance(body, dict) or not isinstance(body.get("rows"), list) or len(body) > 1:
        raise ValidationError([{"type": "missing", "loc": ("body", "body", "rows"), "msg": ""}])
    return list(body["rows"])


def _with_rows(batch: Batch, after: int) -> dict[str, object]:
    rows = list(batch.rows.filter(number__gt=after)[:ROWS])
    more = str(rows[-1].number) if len(rows) == ROWS else None
    return {"batch": batch, "items": rows, "next": more}


def _said(row: BatchRow, field: str) -> str:
    return str((row.invitation or row.cells).get(field) or "")
