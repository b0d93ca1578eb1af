"""Invitations from a file: what was read, what was chosen of it, and what became of each row.

A row is invited or it is not: its interview's id follows from the batch and the row's number, so
that whoever takes it up again after a crash finds what is there.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from interviews.challenges import library
from interviews.dynamodb import now
from interviews.models import RETENTION
from operations.bulk_import import columns, csv_file
from operations.bulk_import.columns import Checked, Defaults
from operations.bulk_import.csv_file import Table, UnreadableFileError
from operations.bulk_import.models import CHOOSABLE, MAX_FILE_NAME, Batch, BatchRow, RowStatus
from operations.exceptions import InvalidInputError
from operations.queue import dispatch


def import_file(name: str, content: bytes, defaults: Defaults, *, by: str) -> Batch:
    """Keep what a file says, each row checked. Nobody is invited yet. InvalidInputError: `file`."""
    try:
        table = csv_file.parse_csv(content, columns.is_known)
    except UnreadableFileError as error:
        raise InvalidInputError("file", str(error)) from None
    if not table.records:
        raise InvalidInputError("file", "There is a head in this file, and no candidate below it.")
    return import_table(name, table, defaults, by=by)


def import_table(name: str, table: Table, defaults: Defaults, *, by: str) -> Batch:
    """The same for a table that comes another way."""
    try:
        fields, notices = columns.columns(table, defaults)
    except UnreadableFileError as error:
        raise InvalidInputError("file", str(error)) from None
    offered = library.active_challenges()
    checked = [columns.check_row(record, fields, defaults, offered) for record in table.records]
    return _keep(name, defaults, checked, [*table.notices, *notices], by)


def queue_rows(
    batch: Batch,
    *,
    by: str,
    numbers: Iterable[int] | None = None,
    with_twice: bool = False,
) -> int:
    """Have rows invited: all that are good, or the good ones of these numbers; returns how many.

    Rows that are in there twice only with `with_twice`. Chosen already, or done: nothing. Whose
    candidate was invited from another file since this one was read: told now, and not chosen.
    """
    if batch.send_email and not settings.MAIL_IS_ON:
        raise InvalidInputError("send_email", "E-mail is not set up on this server.")
    rows = batch.rows.filter(state__in=CHOOSABLE, problem="")
    if not with_twice:
        rows = rows.filter(twice="")
    wanted = None if numbers is None else set(numbers)
    chosen = 0
    with transaction.atomic():
        _hold(batch)
        meanwhile = _tell_meanwhile(batch)
        ids = [
            row.pk
            for row in rows.only("number")
            if row.number not in meanwhile and (wanted is None or row.number in wanted)
        ]
        # A database takes so many parameters at once, and no more.
        for first in range(0, len(ids), 500):
            part = rows.filter(pk__in=ids[first : first + 500])
            chosen += part.update(state=RowStatus.QUEUED, wanted_by=by, error="")
    if chosen:
        batch.announce()
        dispatch.enqueue_bulk_import(batch.pk)
    return chosen


def erase_interview(interview_id: str) -> None:
    """With a deleted interview goes what the file said of its candidate."""
    BatchRow.objects.filter(interview_id=interview_id).update(cells={}, invitation=None, key="")


def delete_old_batches() -> None:
    """Files are kept as long as an ended interview is."""
    Batch.objects.filter(created_at__lt=now() - RETENTION).delete()


def _keep(
    name: str, defaults: Defaults, checked: list[Checked], notices: list[str], by: str
) -> Batch:
    before = _invited_before({row.key for row in checked if row.key})
    seen: dict[str, int] = {}
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
                twice=_twice(row, seen, before),
            )
        )
        if row.key:
            seen.setdefault(row.key, number)
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


def _hold(batch: Batch) -> None:
    """Until this transaction is over, have whoever chooses one of these candidates from any file
    wait: what they then read is what was chosen here. SQLite has one who writes at a time anyway.
    """
    rows = batch.rows.filter(state__in=CHOOSABLE, problem="")
    keys = sorted(set(rows.values_list("key", flat=True)))
    for first in range(0, len(keys), 500):
        same = BatchRow.objects.filter(key__in=keys[first : first + 500])
        # Everybody in the same order: no two wait for each other.
        list(same.order_by("key", "pk").select_for_update().values_list("pk"))


def _tell_meanwhile(batch: Batch) -> set[int]:
    """Note whose candidate was invited from another file since this one was read; returns the
    numbers of these rows, which nobody has seen to be there twice."""
    rows = list(batch.rows.filter(state__in=CHOOSABLE, problem="", twice="").exclude(key=""))
    before = _invited_before({row.key for row in rows}, but=batch)
    told = [row for row in rows if row.key in before]
    for row in told:
        row.twice = _invited(*before[row.key])
    BatchRow.objects.bulk_update(told, ["twice"], batch_size=200)
    return {row.number for row in told}


def _twice(row: Checked, seen: dict[str, int], before: dict[str, tuple[str, datetime]]) -> str:
    if row.key in seen:
        return f"The same candidate and challenge as row {seen[row.key]}."
    if row.key in before:
        return _invited(*before[row.key])
    return ""


def _invited(name: str, at: datetime) -> str:
    return f"Invited to this challenge already, from “{name}” of {at.day} {at:%B %Y}."


def _invited_before(keys: set[str], but: Batch | None = None) -> dict[str, tuple[str, datetime]]:
    """By key, the other file from which this candidate was invited, or is being invited."""
    found: dict[str, tuple[str, datetime]] = {}
    ordered: list[Any] = sorted(keys)
    for first in range(0, len(ordered), 500):
        rows = BatchRow.objects.filter(
            key__in=ordered[first : first + 500], state__in=(RowStatus.DONE, RowStatus.QUEUED)
        ).select_related("batch")
        found |= {
            row.key: (row.batch.file_name, row.batch.created_at) for row in rows if row.batch != but
        }
    return found
