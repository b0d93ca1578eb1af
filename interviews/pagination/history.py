"""List interviews of both types by page, filtered by type, status and end time.

The indexes have a partition per type, or per type and status, in order of end or of creation. A
page reads a page of each partition that it needs, merges them, and reads the rows by id, since an
index may lag behind.
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
from interviews.attributes import LIVE, TAKE_HOME
from interviews.derived_keys import list_key_of, type_status_key_of
from interviews.legacy import is_enabled
from interviews.legacy.listing import ListQuery, legacy_sources
from interviews.lifecycle import FINAL, OPEN, Status
from interviews.models import Interview
from interviews.pagination import cursors, merge
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.merge import Source, SourcePage, SourceRow
from interviews.queries import Page

TYPES = (TAKE_HOME, LIVE)
ID_PATTERN = re.compile("[!-~]{1,100}")
# Epoch seconds in the year 5138, later than any end.
MAX_EPOCH_SECONDS = 10**11


@dataclass(frozen=True)
class Filters:
    """Which interviews to list; None does not filter. The end is in [`since`, `until`)."""

    type: str | None = None
    status: Status | None = None
    since: datetime | None = None
    until: datetime | None = None
    ended: bool | None = None

    def matches(self, interview: Interview) -> bool:
        """True if the interview belongs on the list. Dry runs never do."""
        is_ended = interview.state in FINAL
        return (
            interview.type in self.types
            and self.status in (None, interview.state)
            and self.ended in (None, is_ended)
            and (not self.has_end_range or (is_ended and self.ended_within(interview.completed_at)))
        )

    @property
    def statuses(self) -> frozenset[Status]:
        """Every status that a matching interview may have."""
        if self.status is not None:
            return frozenset({self.status})
        if self.ended is not None or self.has_end_range:
            return FINAL if self.ended or self.has_end_range else OPEN
        return FINAL | OPEN

    @property
    def types(self) -> tuple[str, ...]:
        return (self.type,) if self.type else TYPES

    @property
    def has_end_range(self) -> bool:
        return self.since is not None or self.until is not None

    def ended_within(self, at: datetime | None) -> bool:
        if at is None:
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass(frozen=True)
class ListOrder:
    """An index, its keys by stored name, and its sort time by Python name."""

    index: Any
    partition_key: str
    sort_key: str
    attribute: str


BY_END = ListOrder(Interview.ended_index, "tab", "completedAt", "completed_at")
BY_END_AND_STATUS = ListOrder(
    Interview.ended_by_status_index, "kind", "completedAt", "completed_at"
)
BY_CREATION = ListOrder(Interview.list_key_index, "tab", "createdAt", "created_at")


@dataclass(frozen=True)
class IndexEntry:
    """A row as an index lists it: its partition, sort time and id."""

    partition: str
    sort_time: datetime
    id: str

    @property
    def position(self) -> list[Any]:
        """The entry's place in its partition, for a cursor."""
        return [int(self.sort_time.timestamp()), self.id]


def history_page(filters: Filters, *, cursor: str | None = None, size: int = 50) -> Page:
    """Return a page of the matching interviews, newest first.

    The order is by end if only ended interviews can match, and by creation otherwise.

    Raises:
        InvalidCursorError: if this list did not issue the cursor.
    """
    order, partitions = _order_and_partitions(filters)
    if is_enabled():
        return _page_with_legacy(order, partitions, filters, cursor, size)
    positions = _read_cursor(cursor, order, partitions, filters) if cursor else {}
    queried = [
        _query_partition(order, partition, filters, positions.get(partition), size + 1)
        for partition in partitions
    ]
    merged = list(heapq.merge(*queried, key=lambda entry: entry.sort_time, reverse=True))
    entries, is_more = merged[:size], len(merged) > size
    rows = queries.get_interviews(entry.id for entry in entries)
    # A row whose sort time changed since (reopened and ended again) is listed elsewhere.
    items = [
        rows[entry.id]
        for entry in entries
        if entry.id in rows
        and getattr(rows[entry.id], order.attribute) == entry.sort_time
        and filters.matches(rows[entry.id])
    ]
    positions |= {entry.partition: entry.position for entry in entries}
    return Page(items, cursors.encode_cursor(positions) if is_more else None)


def _page_with_legacy(
    order: ListOrder, partitions: list[str], filters: Filters, cursor: str | None, size: int
) -> Page:
    """Return a page of the partitions merged with the rows of earlier versions."""

    def read(partition: str, after: list[Any] | None, limit: int) -> SourcePage:
        if after is not None and not _is_valid_position(after, order, filters):
            raise InvalidCursorError(cursor)
        rows = [
            SourceRow(entry.sort_time, entry.position, entry.id)
            for entry in _query_partition(order, partition, filters, after, limit)
        ]
        return SourcePage(rows, rows[-1] if len(rows) == limit else None)

    def resolve(rows: Sequence[SourceRow]) -> dict[str, Interview]:
        interviews = queries.get_interviews(row.id for row in rows)
        sort_times = {row.id: row.sort_time for row in rows}
        return {
            id_: interview
            for id_, interview in interviews.items()
            if interview.on_first_write is None
            and getattr(interview, order.attribute) == sort_times[id_]
            and filters.matches(interview)
        }

    own = [Source(partition, partial(read, partition)) for partition in partitions]
    query = ListQuery(filters.types, filters.statuses, filters.matches)
    old = legacy_sources(query) if partitions else []
    return Page(*merge.merged_page([*own, *old], resolve, size=size, cursor=cursor))


def _order_and_partitions(filters: Filters) -> tuple[ListOrder, list[str]]:
    """Return the index to read, and its partitions: per type, or per type and status."""
    ended = [list_key_of(type_, Status.COMPLETED) for type_ in filters.types]
    current = [list_key_of(type_, Status.SCHEDULED) for type_ in filters.types]
    if filters.status is not None or filters.has_end_range:
        if filters.ended is False:
            return BY_END, []
        if filters.status is None:
            return BY_END, ended
        return BY_END_AND_STATUS, [
            type_status_key_of(type_, filters.status) for type_ in filters.types
        ]
    if filters.ended:
        return BY_END, ended
    return BY_CREATION, current if filters.ended is False else [*current, *ended]


def _query_partition(
    order: ListOrder, partition: str, filters: Filters, after: list[Any] | None, limit: int
) -> list[IndexEntry]:
    if filters.since and filters.until and filters.since >= filters.until:
        return []
    start = None
    if after is not None:
        start = {
            order.partition_key: {"S": partition},
            order.sort_key: {"N": str(after[0])},
            "id": {"S": after[1]},
        }
    rows = order.index.query(
        partition,
        end_time_condition(filters),
        scan_index_forward=False,
        limit=limit,
        page_size=limit,
        last_evaluated_key=start,
        attributes_to_get=["id", "tab", order.sort_key],
    )
    return [IndexEntry(partition, getattr(row, order.attribute), row.id) for row in rows]


def end_time_condition(filters: Filters) -> Condition | None:
    """Return one condition on the sort key; DynamoDB takes no more. Stored times are seconds."""
    ended_at = Interview.completed_at
    last = filters.until - timedelta(seconds=1) if filters.until else None
    if filters.since and last:
        condition: Condition = ended_at.between(filters.since, last)
        return condition
    if filters.since:
        return ended_at >= filters.since
    return ended_at <= last if last else None


def _read_cursor(
    cursor: str, order: ListOrder, partitions: list[str], filters: Filters
) -> dict[str, list[Any]]:
    """Return the last shown position of each partition."""
    positions = cursors.decode_cursor(cursor)
    if not isinstance(positions, dict) or not positions.keys() <= set(partitions):
        raise InvalidCursorError(cursor)
    if not all(_is_valid_position(position, order, filters) for position in positions.values()):
        raise InvalidCursorError(cursor)
    return positions


def _is_valid_position(position: Any, order: ListOrder, filters: Filters) -> bool:
    match position:
        case [int(seconds), str(id_)] if (
            ID_PATTERN.fullmatch(id_) and 1 < seconds < MAX_EPOCH_SECONDS
        ):
            # DynamoDB rejects a start key outside the queried range.
            return order is BY_CREATION or filters.ended_within(_from_epoch(seconds))
    return False


def _from_epoch(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
