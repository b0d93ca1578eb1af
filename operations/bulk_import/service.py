"""Import files of candidates and queue their rows.

The interview's id follows from the batch and the row's number, so that a worker that continues
after a crash finds the interview that exists already.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interviews.challenges import library
from interviews.dynamodb import now
from interviews.retention import retention
from operations import audit
from operations.audit import AuditAction
from operations.bulk_import import columns, csv_file
from operations.bulk_import.columns import CheckedRow, Defaults
from operations.bulk_import.csv_file import Table, UnreadableFileError
from operations.bulk_import.models import CHOOSABLE, MAX_FILE_NAME, Batch, BatchRow, RowStatus
from operations.exceptions import InvalidInputError
from operations.queue import dispatch

# Instead of the problem of a row whose candidate's data was deleted.
ERASED = "The candidate's data was deleted."


def import_file(name: str, content: bytes, defaults: Defaults, *, by: str) -> Batch:
    """Validate and store the rows of a file. Nobody is invited yet.

    Raises:
        InvalidInputError: with the field `file`, if the file cannot be read.
    """
    try:
        table = csv_file.parse_csv(content, columns.is_known)
    except UnreadableFileError as error:
        raise InvalidInputError("file", str(error)) from None
    if not table.records:
        raise InvalidInputError("file", _("This file has a header but no candidates."))
    return import_table(name, table, defaults, by=by)


def import_table(name: str, table: Table, defaults: Defaults, *, by: str) -> Batch:
    """Validate and store the rows of a table. Nobody is invited yet.

    Raises:
        InvalidInputError: with the field `file`, if the columns are wrong.
    """
    try:
        fields, notices = columns.match_columns(table, defaults)
    except UnreadableFileError as error:
        raise InvalidInputError("file", str(error)) from None
    offered = library.active_challenges()
    checked = [columns.check_row(record, fields, defaults, offered) for record in table.records]
    batch = _save_batch(name, defaults, checked, [*table.notices, *notices], by)
    audit.record(AuditAction.FILE_READ, target=batch.file_name)
    return batch


def count_rows(
    batch: Batch, *, numbers: Iterable[int] | None = None, include_duplicates: bool = False
) -> int:
    """How many rows `queue_rows` would queue, if nobody is invited meanwhile.

    Raises:
        InvalidInputError: if emails are to be sent and this server sends none.
    """
    _require_mail_server(batch)
    requested = None if numbers is None else set(numbers)
    rows = _choosable_rows(batch, include_duplicates)
    return sum(requested is None or row.number in requested for row in rows.only("number"))


def first_row(
    batch: Batch, *, numbers: Iterable[int] | None = None, include_duplicates: bool = False
) -> BatchRow | None:
    """The first of the rows that `count_rows` counts, or None."""
    requested = None if numbers is None else set(numbers)
    rows = _choosable_rows(batch, include_duplicates)
    return next((row for row in rows if requested is None or row.number in requested), None)


def queue_rows(
    batch: Batch,
    *,
    by: str,
    numbers: Iterable[int] | None = None,
    include_duplicates: bool = False,
) -> int:
    """Queue all valid rows, or the valid ones with these numbers. Returns how many were queued.

    Rows that are queued or done already are skipped, and so are duplicates unless
    `include_duplicates`. A row whose candidate was invited from another file since the import is
    marked as a duplicate and not queued.

    Raises:
        InvalidInputError: if emails are to be sent and this server sends none.
    """
    _require_mail_server(batch)
    rows = _choosable_rows(batch, include_duplicates)
    requested = None if numbers is None else set(numbers)
    queued = 0
    with transaction.atomic():
        _lock_candidates(batch)
        new_duplicates = _mark_invited_meanwhile(batch)
        ids = [
            row.pk
            for row in rows.only("number")
            if row.number not in new_duplicates and (requested is None or row.number in requested)
        ]
        # Databases limit the number of parameters of a statement.
        for first in range(0, len(ids), 500):
            chunk = rows.filter(pk__in=ids[first : first + 500])
            queued += chunk.update(state=RowStatus.QUEUED, wanted_by=by, error="")
    if queued:
        batch.announce()
        dispatch.enqueue_bulk_import(batch.pk)
        audit.record(AuditAction.INVITED_MANY, target=batch.file_name, detail=f"rows: {queued}")
    return queued


def _require_mail_server(batch: Batch) -> None:
    if batch.send_email and not settings.MAIL_IS_ON:
        raise InvalidInputError("send_email", _("Email isn't set up on this server."))


def _choosable_rows(batch: Batch, include_duplicates: bool) -> QuerySet[BatchRow]:
    rows = batch.rows.filter(state__in=CHOOSABLE, problem="")
    return rows if include_duplicates else rows.filter(twice="")


def rows_of(interview_id: str) -> list[BatchRow]:
    """The rows that have a candidate's data and from which this interview was created."""
    rows = BatchRow.objects.filter(interview_id=interview_id).exclude(cells={})
    return list(rows.select_related("batch"))


def rows_with_address(email: str, *, except_of: Iterable[str]) -> list[BatchRow]:
    """The rows with this address, in lower case, that belong to other interviews or to none.

    Rows are kept as long as interviews, and the cells are JSON: this reads all of them.
    """
    rows = BatchRow.objects.exclude(cells={}).exclude(interview_id__in=[*except_of])
    return [
        row
        for row in rows.select_related("batch").iterator(chunk_size=500)
        if str(row.cells.get("candidate_email", "")).strip().casefold() == email
    ]


def erase_interview(interview_id: str) -> int:
    """Erase the candidate's data from the row of a deleted interview.

    Returns how many rows had it.
    """
    rows = BatchRow.objects.filter(interview_id=interview_id).exclude(cells={})
    return rows.update(cells={}, invitation=None, key="")


def erase_rows(rows: Iterable[BatchRow]) -> int:
    """Erase the candidate's data from these rows, which are not invited any more."""
    erased = 0
    for row in rows:
        # A problem and an error may quote a cell.
        problem = "" if row.state == RowStatus.DONE else ERASED
        state = RowStatus.DONE if row.state == RowStatus.DONE else RowStatus.NEW
        erased += BatchRow.objects.filter(pk=row.pk, state=row.state).update(
            cells={}, invitation=None, key="", problem=problem, error="", state=state
        )
    return erased


def delete_old_batches() -> None:
    """Delete batches that are older than the retention."""
    Batch.objects.filter(created_at__lt=now() - retention()).delete()


def _save_batch(
    name: str, defaults: Defaults, checked: list[CheckedRow], notices: list[str], by: str
) -> Batch:
    invitations = _other_invitations({row.key for row in checked if row.key})
    first_numbers: dict[str, int] = {}
    rows: list[BatchRow] = []
    for number, row in enumerate(checked, start=1):
        rows.append(
            BatchRow(
                number=number,
                line=row.line,
                cells=row.cells,
                invitation=row.invitation,
                key=row.key,
                problem=row.problem,
                twice=_duplicate_of(row, first_numbers, invitations),
            )
        )
        if row.key:
            first_numbers.setdefault(row.key, number)
    with transaction.atomic():
        batch = Batch.objects.create(
            file_name="".join(char for char in name if char.isprintable())[-MAX_FILE_NAME:],
            created_by=by,
            created_at=now(),
            notices=notices,
            challenge=defaults.challenge,
            duration_minutes=defaults.duration_minutes,
            valid_days=defaults.valid_days,
            custom_instructions=defaults.custom_instructions,
            time_zone=defaults.time_zone,
            send_email=defaults.send_email,
        )
        for each in rows:
            each.batch = batch
        BatchRow.objects.bulk_create(rows, batch_size=500)
    return batch


def _lock_candidates(batch: Batch) -> None:
    """Lock the rows of these candidates in all files until the transaction ends.

    A concurrent transaction that queues one of them waits, and then reads the changes of this one.
    SQLite allows one writer at a time anyway.
    """
    rows = batch.rows.filter(state__in=CHOOSABLE, problem="")
    keys = sorted(set(rows.values_list("key", flat=True)))
    for first in range(0, len(keys), 500):
        same_candidates = BatchRow.objects.filter(key__in=keys[first : first + 500])
        # Every transaction locks in the same order, so there is no deadlock.
        list(same_candidates.order_by("key", "pk").select_for_update().values_list("pk"))


def _mark_invited_meanwhile(batch: Batch) -> set[int]:
    """Mark rows whose candidate was invited from another file since this one was imported.

    Returns the numbers of these rows, which were no duplicates when staff saw them.
    """
    rows = list(batch.rows.filter(state__in=CHOOSABLE, problem="", twice="").exclude(key=""))
    invitations = _other_invitations({row.key for row in rows}, exclude=batch)
    duplicates = [row for row in rows if row.key in invitations]
    for row in duplicates:
        row.twice = _invited_message(*invitations[row.key])
    BatchRow.objects.bulk_update(duplicates, ["twice"], batch_size=200)
    return {row.number for row in duplicates}


def _duplicate_of(
    row: CheckedRow, first_numbers: dict[str, int], invitations: dict[str, tuple[str, datetime]]
) -> str:
    if row.key in first_numbers:
        return _("Same candidate and challenge as row %(number)s.") % {
            "number": first_numbers[row.key]
        }
    if row.key in invitations:
        return _invited_message(*invitations[row.key])
    return ""


def _invited_message(file_name: str, imported_at: datetime) -> str:
    return _("Already invited to this challenge, from “%(file)s” of %(day)s.") % {
        "file": file_name,
        "day": date_format(imported_at, "DATE_FORMAT"),
    }


def _other_invitations(
    keys: set[str], exclude: Batch | None = None
) -> dict[str, tuple[str, datetime]]:
    """The name and date of the file from which each candidate was invited or queued, by key."""
    invitations: dict[str, tuple[str, datetime]] = {}
    ordered: list[Any] = sorted(keys)
    for first in range(0, len(ordered), 500):
        rows = BatchRow.objects.filter(
            key__in=ordered[first : first + 500], state__in=(RowStatus.DONE, RowStatus.QUEUED)
        ).select_related("batch")
        invitations |= {
            row.key: (row.batch.file_name, row.batch.created_at)
            for row in rows
            if row.batch != exclude
        }
    return invitations
