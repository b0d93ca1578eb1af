"""The result of a bulk invitation as rows of a spreadsheet."""

from django.http import HttpRequest

from dashboard.presenters.interviews.rows.read import link_of
from interviews import queries
from interviews.models import Interview
from operations.bulk_import.models import Batch, BatchRow, RowStatus
from operations.mail.outbox import invitations_of

HEADER = [
    "row",
    "candidate_name",
    "candidate_email",
    "challenge",
    "state",
    "link",
    "start_before_utc",
    "email",
    "interview_id",
    "problem",
]
STATUS_LABELS = {
    RowStatus.NEW: "not invited",
    RowStatus.QUEUED: "waiting",
    RowStatus.DONE: "invited",
    RowStatus.FAILED: "failed",
}
BATCH_SIZE = 100


def result_rows(request: HttpRequest, batch: Batch) -> list[list[object]]:
    """The header and one row per candidate. For staff only: the links open the tests."""
    table: list[list[object]] = [[*HEADER]]
    rows = list(batch.rows.all())
    for first in range(0, len(rows), BATCH_SIZE):
        part = rows[first : first + BATCH_SIZE]
        ids = [row.interview_id for row in part if row.interview_id]
        interviews = queries.get_interviews(ids)
        sent = invitations_of(ids)
        states = {message.interview_id: message.state for message in sent}
        for row in part:
            interview = interviews.get(row.interview_id)
            table.append(_row(request, row, interview, states.get(row.interview_id, "")))
    return table


def _row(
    request: HttpRequest, row: BatchRow, interview: Interview | None, email: str
) -> list[object]:
    values = row.invitation or row.cells
    until = interview.valid_until if interview is not None else None
    return [
        row.number,
        values.get("candidate_name", ""),
        values.get("candidate_email") or "",
        values.get("challenge", ""),
        STATUS_LABELS[RowStatus(row.state)],
        link_of(request, interview) if interview is not None else "",
        until,
        email,
        row.interview_id,
        row.error or row.problem or row.twice,
    ]
