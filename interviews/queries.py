"""Read interviews by id, passcode, list or status. No read scans the table."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from interviews.attributes import LIVE, TAKE_HOME
from interviews.derived_keys import list_key_of
from interviews.dynamodb import TimeAttribute
from interviews.legacy import is_enabled, lookup
from interviews.legacy.listing import ListQuery, due_start_ids, legacy_sources
from interviews.legacy.mapping import is_migrated
from interviews.lifecycle import FINAL, OPEN, Status
from interviews.models import Interview
from interviews.pagination import cursors, merge
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.merge import Source, SourcePage, SourceRow
from interviews.passcodes import PASSCODE, PASSCODE_LENGTH

# Looked up in place of malformed passcodes, so that they take as long as unknown ones.
NO_PASSCODE = "-" * PASSCODE_LENGTH

# Of so many passcodes a process remembers the interview's id.
REMEMBERED_IDS = 10_000

# Longer than any id that exists.
MAX_ID = 100

# The list keys that legacy rows can have: type, and whether the list is of ended interviews.
LEGACY_LISTS = {
    list_key_of(type_, status): (type_, status in FINAL)
    for type_ in (TAKE_HOME, LIVE)
    for status in Status
}


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first, and the next page's cursor (None on the last page)."""

    items: list[Interview]
    next: str | None


@dataclass(frozen=True)
class CreationIndex:
    """An index in order of creation; its hash key by stored name and by Python name."""

    index: Any
    stored_key: str
    attribute: str


# What a list takes from its index: the rows are read by id. With `tab` a row is known to be of this
# version, and is read without a check of each attribute.
INDEXED_ATTRIBUTES = ["id", "createdAt", "tab"]

BY_LIST_KEY = CreationIndex(Interview.list_key_index, "tab", "list_key")
BY_STATUS = CreationIndex(Interview.status_index, "status", "status")


def is_valid_id(text: object) -> bool:
    """True if a row may have this id. DynamoDB rejects a lookup of an empty or overlong key."""
    return isinstance(text, str) and 0 < len(text) <= MAX_ID and text.isprintable()


def get_interview(interview_id: str) -> Interview | None:
    """Return the current interview, by a consistent read, or None."""
    if not is_valid_id(interview_id):
        return None
    try:
        row = Interview.get(interview_id, consistent_read=True)
    except Interview.DoesNotExist:
        return lookup.find_by_id(interview_id) if is_enabled() else None
    return row if is_migrated(row) else lookup.read_row(row)


def get_interviews(ids: Iterable[str]) -> dict[str, Interview]:
    """Return the interviews that exist, by id, each as `get_interview` reads it."""
    requested = list(ids)
    stored = Interview.batch_get(requested, consistent_read=True) if requested else ()
    rows = {row.id: row for row in lookup.read_rows(stored)}
    if is_enabled():
        for id_ in dict.fromkeys(requested):
            if id_ not in rows and (interview := get_interview(id_)) is not None:
                rows[id_] = interview
    return rows


def get_by_passcode(text: str) -> Interview | None:
    """Return the current take-home test of a passcode, in upper or lower case, or None.

    The index may lag behind, so it only gives the id, and the row is read by id: a page must not
    offer "Start test" again after the candidate pressed it.
    """
    passcode = text.upper()
    if not PASSCODE.fullmatch(passcode):
        passcode = NO_PASSCODE
    for find_id in (_remembered_id, _indexed_id):
        try:
            interview = get_interview(find_id(passcode))
        except LookupError:
            break
        if interview is not None and interview.passcode == passcode:
            return interview
        # It was deleted, or its passcode is another's by now.
        _remembered_id.cache_clear()
    return lookup.find_by_passcode(passcode) if is_enabled() else None


def _indexed_id(passcode: str) -> str:
    """Return the id of the passcode's interview.

    Raises:
        LookupError: if the index has none, or none yet.
    """
    for indexed in Interview.passcode_index.query(passcode, limit=1):
        return str(indexed.id)
    raise LookupError(passcode)


# A candidate's page is fetched at every event, and its interview keeps its id. An id that was not
# found is not remembered.
_remembered_id = lru_cache(maxsize=REMEMBERED_IDS)(_indexed_id)


def list_page(list_key: str, *, size: int = 50, cursor: str | None = None) -> Page:
    """Return a page of one list of the dashboard (see `interviews.derived_keys.list_key_of`).

    Raises:
        InvalidCursorError: if this list did not issue the cursor.
    """
    if is_enabled() and list_key in LEGACY_LISTS:
        type_, is_ended = LEGACY_LISTS[list_key]
        statuses = FINAL if is_ended else OPEN
        query = ListQuery((type_,), statuses, lambda one: one.list_key == list_key)
        return _page_with_legacy(BY_LIST_KEY, list_key, query, size, cursor)
    return _index_page(BY_LIST_KEY, list_key, size, cursor)


def status_page(status: Status, *, size: int = 50, cursor: str | None = None) -> Page:
    """Return a page of the interviews of all types that have this status.

    Raises:
        InvalidCursorError: if this list did not issue the cursor.
    """
    if is_enabled():
        query = ListQuery((TAKE_HOME, LIVE), (status,), lambda one: one.status == status)
        return _page_with_legacy(BY_STATUS, status.value, query, size, cursor)
    return _index_page(BY_STATUS, status.value, size, cursor)


def _index_page(by: CreationIndex, value: str, size: int, cursor: str | None) -> Page:
    """Return a page of one partition of the index, newest first."""
    result = by.index.query(
        value,
        scan_index_forward=False,
        limit=size,
        page_size=size,
        last_evaluated_key=_read_cursor(cursor, by, value) if cursor else None,
        attributes_to_get=INDEXED_ATTRIBUTES,
    )
    indexed = list(result)
    next_cursor = _write_cursor(result.last_evaluated_key, indexed)
    # The index may lag behind: it gives the rows and their order, and each row is read by id.
    ids = [row.id for row in indexed]
    rows = get_interviews(ids)
    items = [rows[id_] for id_ in ids if id_ in rows and getattr(rows[id_], by.attribute) == value]
    return Page(items, next_cursor)


def _page_with_legacy(
    by: CreationIndex, value: str, query: ListQuery, size: int, cursor: str | None
) -> Page:
    """Return a page of the index merged with the rows of earlier versions."""

    def read(after: list[Any] | None, limit: int) -> SourcePage:
        start = _start_key(after[0], after[1], by, value) if after is not None else None
        result = by.index.query(
            value,
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
            last_evaluated_key=start,
            attributes_to_get=INDEXED_ATTRIBUTES,
        )
        rows = [
            SourceRow(row.created_at, [row.id, TimeAttribute().serialize(row.created_at)], row.id)
            for row in result
        ]
        is_more = result.last_evaluated_key is not None and rows
        return SourcePage(rows, rows[-1] if is_more else None)

    def resolve(rows: Sequence[SourceRow]) -> dict[str, Interview]:
        interviews = get_interviews(row.id for row in rows)
        return {
            id_: interview
            for id_, interview in interviews.items()
            if interview.on_first_write is None and getattr(interview, by.attribute) == value
        }

    return Page(
        *merge.merged_page(
            [Source("", read), *legacy_sources(query)], resolve, size=size, cursor=cursor
        )
    )


def due_ids(status: Status, at: datetime) -> Iterator[str]:
    """Yield the ids of the interviews of a status that are due by `at`, the longest overdue first.

    It yields only ids: an index may lag behind, and one unreadable row must not hide the others.
    """
    rows = Interview.status_due_index.query(
        status.value, Interview.due_at <= at, attributes_to_get=["id"]
    )
    yield from (row.id for row in rows)
    if status is Status.SCHEDULED and is_enabled():
        yield from due_start_ids(at)


def ids_with_status(status: Status) -> Iterator[str]:
    """Yield the ids of all interviews of a status, from an index that may lag behind."""
    rows = Interview.status_index.query(status.value, attributes_to_get=["id"])
    return (row.id for row in rows)


def ids_of_type(type_: str, status: Status, *, limit: int) -> Iterator[str]:
    """Yield the ids of some interviews of a type and status, from an index that may lag behind."""
    rows = Interview.type_status_index.query(
        type_, Interview.status == status.value, limit=limit, attributes_to_get=["id"]
    )
    return (row.id for row in rows)


def _write_cursor(key: dict[str, Any] | None, items: list[Interview]) -> str | None:
    if not key or not items:
        return None
    last = items[-1]
    return cursors.encode_cursor([last.id, TimeAttribute().serialize(last.created_at)])


def _read_cursor(cursor: str, by: CreationIndex, value: str) -> dict[str, dict[str, Any]]:
    try:
        interview_id, created_at = cursors.decode_cursor(cursor)
    except (ValueError, TypeError):
        raise InvalidCursorError(cursor) from None
    return _start_key(interview_id, created_at, by, value)


def _start_key(
    interview_id: object, created_at: object, by: CreationIndex, value: str
) -> dict[str, Any]:
    """Return the key after which the index query continues (DynamoDB's ExclusiveStartKey).

    Raises:
        InvalidCursorError: if the values are no id and epoch seconds.
    """
    if not is_valid_id(interview_id) or not re.fullmatch("[0-9]{1,12}", str(created_at)):
        raise InvalidCursorError(str(interview_id)[:100])
    return {
        "id": {"S": interview_id},
        by.stored_key: {"S": value},
        "createdAt": {"N": str(created_at)},
    }
