"""What became of a file of candidates, row by row, as a spreadsheet has it."""

from django.http import HttpRequest

from dashboard.presenters.interview_row import link_of
from interviews import queries
from interviews.models import Interview
from operations.bulk_import.models import Batch, BatchRow, RowStatus
from operations.mail.models import Message

HEAD = [
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
WORDS = {
    RowStatus.NEW: "not invited",
    RowStatus.QUEUED: "waiting",
    RowStatus.DONE: "invited",
    RowStatus.FAILED: "failed",
}
AT_ONCE = 100


def result_rows(request: HttpRequest, batch: Batch) -> list[list[object]]:
    """The head and the rows. With links, which open the tests: for staff alone."""
    table: list[list[object]] = [[*HEAD]]
    rows = list(batch.rows.all())
    for first in range(0, len(rows), AT_ONCE):
        part = rows[first : first + AT_ONCE]
        ids = [row.interview_id for row in part if row.interview_id]
        found = queries.get_interviews(ids)
        sent = Message.objects.filter(interview_id__in=ids).exclude(kind="reminder").order_by("id")
        states = {message.interview_id: message.state for message in sent}
        for row in part:
            interview = found.get(row.interview_id)
            table.append(_row(request, row, interview, states.get(row.interview_id, "")))
    return table


def _row(
    request: HttpRequest, row: BatchRow, interview: Interview | None, email: str
) -> list[object]:
    said = row.invitation or row.cells
    until = interview.valid_until if interview is not None else None
    return [
        row.number,
        said.get("candidate_name", ""),
        said.get("candidate_email") or "",
        said.get("challenge", ""),
        WORDS[RowStatus(row.state)],
        link_of(request, interview) if interview is not None else "",
        f"{until:%Y-%m-%d %H:%M}" if until else "",
        email,
        row.interview_id,
        row.error or row.problem or row.twice,
    ]
