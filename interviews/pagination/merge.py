"""One list out of several sources, newest first, a page at a time at the cost of a page of each.

A source tells its rows in order, so many at once, and how far it has looked: it may find that many
of what it read do not belong on the list. What is shown never goes beyond how far each has looked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any

from interviews.models import Interview
from interviews.pagination import cursors
from interviews.pagination.cursors import InvalidCursorError

# In a cursor, in place of how far a source was shown: to its end.
EXHAUSTED = 0


@dataclass(frozen=True)
class SourceRow:
    """Where a source has a row. `key`: how it finds the place again, for a cursor. Either the row
    itself, or its id alone where that is all the source knows."""

    at: datetime
    key: list[Any]
    id: str
    interview: Interview | None = None


@dataclass(frozen=True)
class SourcePage:
    """`places` in order; `reach`: the last that was looked at, None: there are no more."""

    places: list[SourceRow]
    reach: SourceRow | None


@dataclass(frozen=True)
class Source:
    """`read(after, limit)` begins behind a key, or at the newest. InvalidCursorError: it is no key
    of it."""

    name: str
    read: Callable[[list[Any] | None, int], SourcePage]


def merged_page(
    sources: Sequence[Source],
    resolve: Callable[[Sequence[SourceRow]], dict[str, Interview]],
    *,
    size: int,
    cursor: str | None,
) -> tuple[list[Interview], str | None]:
    """A page and the next one's cursor. `resolve` reads what the sources know by id alone, and
    leaves out what does not belong here any more. Raises InvalidCursorError."""
    begun = _read_cursor(cursor, [source.name for source in sources]) if cursor else {}
    reads = {
        source.name: source.read(begun.get(source.name), size + 1)
        for source in sources
        if begun.get(source.name) != EXHAUSTED
    }
    floors = [read.reach.at for read in reads.values() if read.reach is not None]
    merged = merge(*(read.places for read in reads.values()), key=_sort_time, reverse=True)
    known = [place for place in merged if not floors or place.at >= max(floors)]
    shown = known[:size]
    keys = {id(place) for place in shown}
    for name, read in reads.items():
        count = sum(id(place) in keys for place in read.places)
        if count == len(read.places):
            begun[name] = EXHAUSTED if read.reach is None else read.reach.key
        elif count:
            begun[name] = read.places[count - 1].key
    found = resolve([place for place in shown if place.interview is None])
    items = [place.interview or found.get(place.id) for place in shown]
    is_more = any(begun.get(source.name) != EXHAUSTED for source in sources)
    return list(_without_duplicates(items)), cursors.encode_cursor(begun) if is_more else None


def _without_duplicates(items: Iterable[Interview | None]) -> list[Interview]:
    """An interview that changes tables while they are read may be seen in both."""
    return list({item.id: item for item in items if item is not None}.values())


def _sort_time(place: SourceRow) -> datetime:
    return place.at


def _read_cursor(cursor: str, names: list[str]) -> dict[str, Any]:
    begun = cursors.decode_cursor(cursor)
    if not isinstance(begun, dict) or not begun.keys() <= set(names):
        raise InvalidCursorError(cursor)
    for key in begun.values():
        if key != EXHAUSTED and not (isinstance(key, list) and len(key) == 2):
            raise InvalidCursorError(cursor)
    return begun
