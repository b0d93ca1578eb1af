"""Every read of interviews that more than one place needs. None of them scans the table."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interviews.derived_keys import list_key_of
from interviews.dynamodb import TimeAttribute
from interviews.legacy import is_enabled, lookup
from interviews.legacy.listing import ListQuery, due_start_ids, legacy_sources
from interviews.legacy.mapping import is_migrated
from interviews.lifecycle import FINAL, OPEN, Status
from interviews.models import LIVE, TAKE_HOME, Interview
from interviews.pagination import cursors, merge
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.merge import Source, SourcePage, SourceRow
from interviews.passcodes import PASSCODE, PASSCODE_LENGTH

# Looked up in place of what cannot be a passcode, so that a wrong one takes as long as a bad one.
NO_PASSCODE = "-" * PASSCODE_LENGTH


# Longer than any id there is.
MAX_ID = 100

# The tabs that old rows belong to, with their type, and whether they hold what is over.
LEGACY_LISTS = {
    list_key_of(type_, status): (type_, status in FINAL)
    for type_ in (TAKE_HOME, LIVE)
    for status in Status
}


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first, and the cursor of the next one (None: this is the last)."""

    items: list[Interview]
    next: str | None


def is_valid_id(text: object) -> bool:
    """Could it be the id of a row? A table refuses to look up what is empty or endless."""
    return isinstance(text, str) and 0 < len(text) <= MAX_ID and text.isprintable()


def get_interview(interview_id: str) -> Interview | None:
    """The interview as it is now (a consistent read)."""
    if not is_valid_id(interview_id):
        return None
    try:
        row = Interview.get(interview_id, consistent_read=True)
    except Interview.DoesNotExist:
        return lookup.find_by_id(interview_id) if is_enabled() else None
    return row if is_migrated(row) else lookup.read_row(row)


def get_interviews(ids: Iterable[str]) -> dict[str, Interview]:
    """Those that are there, by their ids, as `get` reads them."""
    wanted = list(ids)
    stored = Interview.batch_get(wanted, consistent_read=True) if wanted else ()
    rows = {row.id: row for row in lookup.read_rows(stored)}
    if is_enabled():
        for id_ in dict.fromkeys(wanted):
            if id_ not in rows and (found := get_interview(id_)) is not None:
                rows[id_] = found
    return rows


def get_by_passcode(text: str) -> Interview | None:
    """The take-home of a passcode, in either case, as it is now.

    The index may be late, so it only tells the id, and the row is read by id: a page must not
    offer "Start test" again after it was pressed.
    """
    passcode = text.upper()
    if not PASSCODE.fullmatch(passcode):
        passcode = NO_PASSCODE
    for found in Interview.passcode_index.query(passcode, limit=1):
        interview = get_interview(found.id)
        if interview is not None and interview.passcode == passcode:
            return interview
    return lookup.find_by_passcode(passcode) if is_enabled() else None


def list_page(tab: str, *, size: int = 50, cursor: str | None = None) -> Page:
    """A page of one tab of the dashboard (`interviews.derived_keys.list_key_of`). Raises
    InvalidCursorError."""
    if is_enabled() and tab in LEGACY_LISTS:
        type_, is_over = LEGACY_LISTS[tab]
        statuses = FINAL if is_over else OPEN
        wanted = ListQuery((type_,), statuses, lambda one: one.tab == tab)
        return _page_with_legacy(Interview.tab_index, "tab", tab, wanted, size, cursor)
    return _index_page(Interview.tab_index, "tab", tab, size, cursor)


def status_page(status: Status, *, size: int = 50, cursor: str | None = None) -> Page:
    """A page of what has that status, of every type. Raises InvalidCursorError."""
    if is_enabled():
        wanted = ListQuery((TAKE_HOME, LIVE), (status,), lambda one: one.status == status)
        return _page_with_legacy(
            Interview.status_index, "status", status.value, wanted, size, cursor
        )
    return _index_page(Interview.status_index, "status", status.value, size, cursor)


def _index_page(index: Any, key: str, value: str, size: int, cursor: str | None) -> Page:
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
    rows = get_interviews(ids)
    items = [rows[id_] for id_ in ids if id_ in rows and getattr(rows[id_], key) == value]
    return Page(items, next_cursor)


def _page_with_legacy(
    index: Any, key: str, value: str, wanted: ListQuery, size: int, cursor: str | None
) -> Page:
    """The same with what other versions wrote."""

    def read(after: list[Any] | None, limit: int) -> SourcePage:
        start = _start_key(after[0], after[1], key, value) if after is not None else None
        result = index.query(
            value,
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
            last_evaluated_key=start,
            attributes_to_get=["id", "createdAt"],
        )
        places = [
            SourceRow(row.created_at, [row.id, TimeAttribute().serialize(row.created_at)], row.id)
            for row in result
        ]
        is_more = result.last_evaluated_key is not None and places
        return SourcePage(places, places[-1] if is_more else None)

    def resolve(places: Sequence[SourceRow]) -> dict[str, Interview]:
        found = get_interviews(place.id for place in places)
        return {
            id_: row
            for id_, row in found.items()
            if row.on_first_write is None and getattr(row, key) == value
        }

    found = merge.merged_page(
        [Source("", read), *legacy_sources(wanted)], resolve, size=size, cursor=cursor
    )
    return Page(*found)


def due_ids(status: Status, at: datetime) -> Iterator[str]:
    """The ids of the rows of a status whose moment has come, soonest first.

    Ids alone: an index may be late, and one row that cannot be read must not hide the others.
    """
    rows = Interview.status_due_index.query(
        status.value, Interview.due_at <= at, attributes_to_get=["id"]
    )
    yield from (row.id for row in rows)
    if status is Status.SCHEDULED and is_enabled():
        yield from due_start_ids(at)


def ids_with_status(status: Status) -> Iterator[str]:
    """The ids of all rows of a status, as `due` gives them."""
    rows = Interview.status_index.query(status.value, attributes_to_get=["id"])
    return (row.id for row in rows)


def _write_cursor(key: dict[str, Any] | None, items: list[Interview]) -> str | None:
    if not key or not items:
        return None
    last = items[-1]
    return cursors.encode_cursor([last.id, TimeAttribute().serialize(last.created_at)])


def _read_cursor(cursor: str, key: str, value: str) -> dict[str, dict[str, Any]]:
    try:
        interview_id, created_at = cursors.decode_cursor(cursor)
    except (ValueError, TypeError):
        raise InvalidCursorError(cursor) from None
    return _start_key(interview_id, created_at, key, value)


def _start_key(interview_id: object, created_at: object, key: str, value: str) -> dict[str, Any]:
    """Where an index goes on. InvalidCursorError."""
    if not is_valid_id(interview_id) or not re.fullmatch("[0-9]{1,12}", str(created_at)):
        raise InvalidCursorError(str(interview_id)[:100])
    return {"id": {"S": interview_id}, key: {"S": value}, "createdAt": {"N": str(created_at)}}
