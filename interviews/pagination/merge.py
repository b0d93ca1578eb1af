"""Merge several sorted sources into one list, newest first, at the cost of one page of each.

A source returns its rows in order, and the last row that it examined: it may find that many rows
that it read do not belong on the list. A page never goes past the last examined row of any source.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any

from interviews.models import Interview
from interviews.pagination import cursors
from interviews.pagination.cursors import InvalidCursorError

# In a cursor, in place of a source's position: the list has shown all its rows.
EXHAUSTED = 0


@dataclass(frozen=True)
class SourceRow:
    """A row of a source: its sort time, the cursor key that finds it again, and its id.

    `interview` is None if the source only knows the id.
    """

    sort_time: datetime
    cursor_key: list[Any]
    id: str
    interview: Interview | None = None


@dataclass(frozen=True)
class SourcePage:
    """Rows in order, and the last row examined (None if the source has no more)."""

    rows: list[SourceRow]
    last_examined: SourceRow | None


@dataclass(frozen=True)
class Source:
    """`read(after, limit)` reads the rows after a cursor key, or from the newest one.

    `read` raises InvalidCursorError if the key is not one of this source.
    """

    name: str
    read: Callable[[list[Any] | None, int], SourcePage]


def merged_page(
    sources: Sequence[Source],
    resolve: Callable[[Sequence[SourceRow]], dict[str, Interview]],
    *,
    size: int,
    cursor: str | None,
) -> tuple[list[Interview], str | None]:
    """Return a page and the cursor of the next one.

    `resolve` reads the interviews that the sources know only by id, and leaves out those that no
    longer belong on the list.

    Raises:
        InvalidCursorError: if this list did not issue the cursor.
    """
    positions = _read_cursor(cursor, [source.name for source in sources]) if cursor else {}
    pages = {
        source.name: source.read(positions.get(source.name), size + 1)
        for source in sources
        if positions.get(source.name) != EXHAUSTED
    }
    examined_to = [
        page.last_examined.sort_time for page in pages.values() if page.last_examined is not None
    ]
    merged = merge(*(page.rows for page in pages.values()), key=_sort_time, reverse=True)
    complete = [row for row in merged if not examined_to or row.sort_time >= max(examined_to)]
    page_rows = complete[:size]
    page_row_ids = {id(row) for row in page_rows}
    for name, page in pages.items():
        count = sum(id(row) in page_row_ids for row in page.rows)
        if count == len(page.rows):
            last = page.last_examined
            positions[name] = EXHAUSTED if last is None else last.cursor_key
        elif count:
            positions[name] = page.rows[count - 1].cursor_key
    resolved = resolve([row for row in page_rows if row.interview is None])
    items = [row.interview or resolved.get(row.id) for row in page_rows]
    is_more = any(positions.get(source.name) != EXHAUSTED for source in sources)
    return list(_without_duplicates(items)), cursors.encode_cursor(positions) if is_more else None


def _without_duplicates(items: Iterable[Interview | None]) -> list[Interview]:
    """An interview that moves to another table during the reads may appear in both."""
    return list({item.id: item for item in items if item is not None}.values())


def _sort_time(row: SourceRow) -> datetime:
    return row.sort_time


def _read_cursor(cursor: str, names: list[str]) -> dict[str, Any]:
    positions = cursors.decode_cursor(cursor)
    if not isinstance(positions, dict) or not positions.keys() <= set(names):
        raise InvalidCursorError(cursor)
    for key in positions.values():
        if key != EXHAUSTED and not (isinstance(key, list) and len(key) == 2):
            raise InvalidCursorError(cursor)
    return positions
