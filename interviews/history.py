"""Interviews of both types, a page at a time: what ended, and what did not; how long each took.

The indexes have a part per type, or per type and status, in the order of the ends or of creation. A
page reads a page of each part that it needs, merges them, and reads the rows themselves, since an
index may be late.
"""

import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pynamodb.expressions.condition import Condition

from interviews import queries
from interviews.derived_keys import list_key_of, type_status_key_of
from interviews.legacy import is_enabled
from interviews.legacy.listing import ListQuery, legacy_sources
from interviews.lifecycle import FINAL, OPEN, Status
from interviews.models import LIVE, TAKE_HOME, Interview
from interviews.pagination import cursors, merge
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.merge import Source, SourcePage
from interviews.queries import Page

TYPES = (TAKE_HOME, LIVE)
ID_PATTERN = re.compile("[!-~]{1,100}")
# Epoch seconds in the year 5138, which no end reaches.
MAX_EPOCH_SECONDS = 10**11


@dataclass(frozen=True)
class Filters:
    """What is wanted; None: whatever. The end is at `since` or later, and before `until`."""

    type: str | None = None
    status: Status | None = None
    since: datetime | None = None
    until: datetime | None = None
    ended: bool | None = None

    def fits(self, interview: Interview) -> bool:
        """Dry runs are nobody's interview."""
        is_over = interview.state in FINAL
        return (
            interview.type in self.types
            and self.status in (None, interview.state)
            and self.ended in (None, is_over)
            and (not self.has_times or (is_over and self.ended_within(interview.completed_at)))
        )

    @property
    def statuses(self) -> frozenset[Status]:
        """All that may fit."""
        if self.status is not None:
            return frozenset({self.status})
        if self.ended is not None or self.has_times:
            return FINAL if self.ended or self.has_times else OPEN
        return FINAL | OPEN

    @property
    def types(self) -> tuple[str, ...]:
        return (self.type,) if self.type else TYPES

    @property
    def has_times(self) -> bool:
        return self.since is not None or self.until is not None

    def ended_within(self, at: datetime | None) -> bool:
        if at is None:
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass(frozen=True)
class ListOrder:
    """An index, by the names of its keys in the table, and of its time in Python."""

    index: Any
    part: str
    stored: str
    time: str


BY_END = ListOrder(Interview.ended_index, "tab", "completedAt", "completed_at")
BY_END_AND_STATUS = ListOrder(Interview.kind_index, "kind", "completedAt", "completed_at")
BY_CREATION = ListOrder(Interview.tab_index, "tab", "createdAt", "created_at")


@dataclass(frozen=True)
class IndexEntry:
    """Where an index has a row."""

    part: str
    at: datetime
    id: str


def history_page(filters: Filters, *, cursor: str | None = None, size: int = 50) -> Page:
    """A page of what fits. Raises InvalidCursorError.

    By the end where only what ended is wanted, otherwise by the creation; newest first.
    """
    order, parts = _order_and_partitions(filters)
    if is_enabled():
        return _page_with_legacy(order, parts, filters, cursor, size)
    begun = _read_cursor(cursor, order, parts, filters) if cursor else {}
    queried = [_query_partition(order, part, filters, begun.get(part), size + 1) for part in parts]
    merged = list(heapq.merge(*queried, key=lambda place: place.at, reverse=True))
    shown, is_more = merged[:size], len(merged) > size
    ids = [place.id for place in shown]
    rows = queries.get_interviews(ids)
    found = [(rows[place.id], place) for place in shown if place.id in rows]
    # Not what has another time by now: opened again, and over again.
    items = [
        row for row, place in found if getattr(row, order.time) == place.at and filters.fits(row)
    ]
    begun |= {place.part: [int(place.at.timestamp()), place.id] for place in shown}
    return Page(items, cursors.encode_cursor(begun) if is_more else None)


def _page_with_legacy(
    order: ListOrder, parts: list[str], filters: Filters, cursor: str | None, size: int
) -> Page:
    """The same with what other versions wrote."""

    def read(part: str, after: list[Any] | None, limit: int) -> SourcePage:
        if after is not None and not _is_valid_position(after, order, filters):
            raise InvalidCursorError(cursor)
        found = [
            merge.SourceRow(place.at, [int(place.at.timestamp()), place.id], place.id)
            for place in _query_partition(order, part, filters, after, limit)
        ]
        return SourcePage(found, found[-1] if len(found) == limit else None)

    def resolve(places: Sequence[merge.SourceRow]) -> dict[str, Interview]:
        rows = queries.get_interviews(place.id for place in places)
        at = {place.id: place.at for place in places}
        return {
            id_: row
            for id_, row in rows.items()
            if row.on_first_write is None
            and getattr(row, order.time) == at[id_]
            and filters.fits(row)
        }

    own = [Source(part, partial(read, part)) for part in parts]
    old = legacy_sources(ListQuery(filters.types, filters.statuses, filters.fits)) if parts else []
    return Page(*merge.merged_page([*own, *old], resolve, size=size, cursor=cursor))


def time_in_workspace(interview: Interview) -> timedelta | None:
    """How long the candidate had the workspace, all openings together, without the time in which
    it did not answer. None: they never had it, or have it still."""
    total, since, ended = timedelta(), None, None
    for moment in interview.timeline:
        if moment.what is None and moment.status == Status.ACTIVE:
            since = moment.at
        elif moment.what == "credited" and since is not None:
            total -= timedelta(seconds=int(moment.seconds or 0))
        elif moment.status == Status.DESTROYING and since is not None:
            ended = moment.at
            total += ended - since
            since = None
    if since is not None or ended is None:
        return None
    if interview.paused_at is not None:
        # It ended while it did not answer.
        total -= max(ended - interview.paused_at, timedelta())
    return max(total, timedelta())


def _order_and_partitions(filters: Filters) -> tuple[ListOrder, list[str]]:
    """The index to read, and its partitions: of types, or of types that ended in one way."""
    over = [list_key_of(type_, Status.COMPLETED) for type_ in filters.types]
    current = [list_key_of(type_, Status.SCHEDULED) for type_ in filters.types]
    if filters.status is not None or filters.has_times:
        if filters.ended is False:
            return BY_END, []
        if filters.status is None:
            return BY_END, over
        return BY_END_AND_STATUS, [
            type_status_key_of(type_, filters.status) for type_ in filters.types
        ]
    if filters.ended:
        return BY_END, over
    return BY_CREATION, current if filters.ended is False else [*current, *over]


def _query_partition(
    order: ListOrder, part: str, filters: Filters, after: list[Any] | None, limit: int
) -> list[IndexEntry]:
    if filters.since and filters.until and filters.since >= filters.until:
        return []
    start = None
    if after is not None:
        start = {order.part: {"S": part}, order.stored: {"N": str(after[0])}, "id": {"S": after[1]}}
    rows = order.index.query(
        part,
        _end_time_condition(filters),
        scan_index_forward=False,
        limit=limit,
        page_size=limit,
        last_evaluated_key=start,
        attributes_to_get=["id", order.stored],
    )
    return [IndexEntry(part, getattr(row, order.time), row.id) for row in rows]


def _end_time_condition(filters: Filters) -> Condition | None:
    """A key takes one condition; the table's times are whole seconds."""
    ended_at = Interview.completed_at
    last = filters.until - timedelta(seconds=1) if filters.until else None
    if filters.since and last:
        condition: Condition = ended_at.between(filters.since, last)
        return condition
    if filters.since:
        return ended_at >= filters.since
    return ended_at <= last if last else None


def _read_cursor(
    cursor: str, order: ListOrder, parts: list[str], filters: Filters
) -> dict[str, list[Any]]:
    """How far each part was shown: its last one's time and id."""
    begun = cursors.decode_cursor(cursor)
    if not isinstance(begun, dict) or not begun.keys() <= set(parts):
        raise InvalidCursorError(cursor)
    if not all(_is_valid_position(place, order, filters) for place in begun.values()):
        raise InvalidCursorError(cursor)
    return begun


def _is_valid_position(place: Any, order: ListOrder, filters: Filters) -> bool:
    match place:
        case [int(seconds), str(id_)] if (
            ID_PATTERN.fullmatch(id_) and 1 < seconds < MAX_EPOCH_SECONDS
        ):
            # A table refuses to begin outside of what is asked for.
            return order is BY_CREATION or filters.ended_within(_from_epoch(seconds))
    return False


def _from_epoch(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
