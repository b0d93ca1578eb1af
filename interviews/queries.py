"""Every read of interviews that more than one place needs. None of them scans the table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interviews import cursors
from interviews.cursors import BadCursor as BadCursor
from interviews.lifecycle import Status
from interviews.models import PASSCODE_ALPHABET, PASSCODE_LENGTH, Interview
from interviews.tables import TimeAttribute

PASSCODE = re.compile(f"[{PASSCODE_ALPHABET}]{{{PASSCODE_LENGTH}}}")
# Looked up in place of what cannot be a passcode, so that a wrong one takes as long as a bad one.
NO_PASSCODE = "-" * PASSCODE_LENGTH


# Longer than any id there is.
MAX_ID = 100


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first, and the cursor of the next one (None: this is the last)."""

    items: list[Interview]
    next: str | None


def is_id(text: object) -> bool:
    """Could it be the id of a row? A table refuses to look up what is empty or endless."""
    return isinstance(text, str) and 0 < len(text) <= MAX_ID and text.isprintable()


def get(interview_id: str) -> Interview | None:
    """The interview as it is now (a consistent read)."""
    if not is_id(interview_id):
        return None
    try:
        return Interview.get(interview_id, consistent_read=True)
    except Interview.DoesNotExist:
        return None


def by_passcode(text: str) -> Interview | None:
    """The take-home of a passcode, in either case, as it is now.

    The index may be late, so it only tells the id, and the row is read by id: a page must not
    offer "Start test" again after it was pressed.
    """
    passcode = text.upper()
    if not PASSCODE.fullmatch(passcode):
        passcode = NO_PASSCODE
    for found in Interview.passcode_index.query(passcode, limit=1):
        interview = get(found.id)
        if interview is not None and interview.passcode == passcode:
            return interview
    return None


def page(tab: str, *, size: int = 50, cursor: str | None = None) -> Page:
    """A page of one tab of the dashboard (`interviews.models.tab_of`). Raises BadCursor."""
    return _page(Interview.tab_index, "tab", tab, size, cursor)


def of_status(status: Status, *, size: int = 50, cursor: str | None = None) -> Page:
    """A page of what has that status, of every type. Raises BadCursor."""
    return _page(Interview.status_index, "status", status.value, size, cursor)


def _page(index: Any, key: str, value: str, size: int, cursor: str | None) -> Page:
    """A page of a part of an index whose order is the creation, newest first."""
    result = index.query(
        value,
        scan_index_forward=False,
        limit=size,
        page_size=size,
        last_evaluated_key=_read_cursor(cursor, key, value) if cursor else None,
    )
    found = list(result)
    next_cursor = _write_cursor(result.last_evaluated_key, found)
    # The index may be late: it tells which rows, in what order, and each is read itself.
    ids = [row.id for row in found]
    rows = {row.id: row for row in Interview.batch_get(ids, consistent_read=True)} if ids else {}
    items = [rows[id_] for id_ in ids if id_ in rows and getattr(rows[id_], key) == value]
    return Page(items, next_cursor)


def due(status: Status, at: datetime) -> Iterator[str]:
    """The ids of the rows of a status whose moment has come, soonest first.

    Ids alone: an index may be late, and one row that cannot be read must not hide the others.
    """
    rows = Interview.status_due_index.query(
        status.value, Interview.due_at <= at, attributes_to_get=["id"]
    )
    return (row.id for row in rows)


def with_status(status: Status) -> Iterator[str]:
    """The ids of all rows of a status, as `due` gives them."""
    rows = Interview.status_index.query(status.value, attributes_to_get=["id"])
    return (row.id for row in rows)


def _write_cursor(key: dict[str, Any] | None, items: list[Interview]) -> str | None:
    if not key or not items:
        return None
    last = items[-1]
    return cursors.write([last.id, TimeAttribute().serialize(last.created_at)])


def _read_cursor(cursor: str, key: str, value: str) -> dict[str, dict[str, Any]]:
    try:
        interview_id, created_at = cursors.read(cursor)
        if not is_id(interview_id) or not re.fullmatch("[0-9]{1,12}", created_at):
            raise BadCursor(cursor)
    except (ValueError, TypeError):
        raise BadCursor(cursor) from None
    return {"id": {"S": interview_id}, key: {"S": value}, "createdAt": {"N": created_at}}
