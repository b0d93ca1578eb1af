"""The rows of earlier versions as sources for lists: the old table by status, and the old rows of
`interviews`. Migrated rows are in neither.

The old tables record no end time outside the row itself, so a list has ended interviews at their
time of creation.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from interviews.attributes import TAKE_HOME
from interviews.dynamodb import TimeAttribute
from interviews.legacy import (
    ids,
    lazy_migration,
    lookup,
    models,
    stored_rows,
)
from interviews.legacy.mapping import DESTROYED, is_migrated
from interviews.legacy.models import Takehome, UnreadableRowError, interview_id_of
from interviews.lifecycle import OPEN, Status
from interviews.models import Interview
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.merge import Source, SourcePage, SourceRow

# The statuses that an old row without a row in `interviews` may stand for, by its old status.
CURRENT_STATUSES = {
    models.ACTIVE: {Status.AVAILABLE, Status.EXPIRED},
    models.COPYING: {Status.AVAILABLE, Status.EXPIRED},
    models.ACTIVATED: {Status.COMPLETED},
    models.COMPLETED: {Status.COMPLETED},
    models.REVOKED: {Status.REVOKED, Status.EXPIRED},
}
# The open statuses of old rows of `interviews`; few rows have one at a time.
OLD_OPEN_STATUSES = (
    "scheduled",
    "initializing",
    "configuring",
    "active",
    "destroying",
    "error",
)
# How many pages a source reads if too few of its rows belong on the list.
MAX_ROUNDS = 4
MIN_PAGE = 50
# The old portal has this long to begin a due start itself; less than PROVISION_LEAD_TIME.
OLD_PORTAL_GRACE = timedelta(minutes=2)
PRINTABLE = re.compile("[ -~]{1,100}")


@dataclass(frozen=True)
class ListQuery:
    """What to list: `matches` decides, `types` and `statuses` limit where to look.

    `indexed=False` leaves out rows that this platform created, which the search index has.
    """

    types: Collection[str]
    statuses: Collection[Status]
    matches: Callable[[Interview], bool]
    indexed: bool = True


def legacy_sources(query: ListQuery) -> list[Source]:
    """Return the sources to merge, each in order of creation, newest first."""
    sources = []
    statuses = set(query.statuses)
    if TAKE_HOME in query.types:
        sources += [
            Source(f"old-{old_status}", partial(_read_invitations, query, old_status))
            for old_status, current in CURRENT_STATUSES.items()
            if current & statuses
        ]
    if statuses & OPEN:
        sources.append(Source("open", partial(_read_open, query)))
    if statuses & {Status.COMPLETED, Status.REVOKED}:
        sources.append(Source("over", partial(_read_destroyed, query)))
    return sources


def due_start_ids(at: datetime) -> Iterator[str]:
    """Yield the ids of old live interviews that are due to start by `at`.

    No index has their due time. An old portal that still runs starts them within its grace time.
    """
    for interview in lookup.read_rows(_old_rows([Status.SCHEDULED.value])):
        if interview.due_at is not None and interview.due_at + OLD_PORTAL_GRACE <= at:
            yield interview.id


def _read_invitations(
    query: ListQuery, old_status: str, after: list[Any] | None, limit: int
) -> SourcePage:
    """Read rows of the old table that have no row in `interviews`, which is listed itself."""
    start = _takehome_start_key(old_status, after) if after else None
    rows: list[SourceRow] = []
    for _ in range(MAX_ROUNDS):
        size = max(limit, MIN_PAGE)
        result = Takehome.status_index.query(
            old_status,
            scan_index_forward=False,
            limit=size,
            page_size=size,
            last_evaluated_key=start,
        )
        takehomes = list(result)
        start = result.last_evaluated_key
        rows += _rows_without_interview(query, takehomes)
        if len(rows) >= limit:
            return SourcePage(rows[:limit], rows[limit - 1])
        if start is None or not takehomes:
            return SourcePage(rows, None)
        last_examined = _takehome_row(takehomes[-1], None)
    return SourcePage(rows, last_examined)


def _rows_without_interview(query: ListQuery, takehomes: list[Takehome]) -> list[SourceRow]:
    readable = [old for old in takehomes if _is_readable(old)]
    # One batch read: a page must not cost a read for each of its rows.
    ids = map(interview_id_of, readable)
    existing_ids = {row.id for row in Interview.batch_get(ids, consistent_read=True)}
    rows = []
    for old in readable:
        if interview_id_of(old) in existing_ids or (old.is_created_here and not query.indexed):
            continue
        interview = lazy_migration.lazy_from_takehome(old, None)
        # Check for another row with this passcode last, since that is a read.
        if query.matches(interview) and (
            old.interview_id or stored_rows.get_stored_by_passcode(old.passcode) is None
        ):
            lookup.remember_location(old)
            rows.append(_takehome_row(old, interview))
    return rows


def _is_readable(old: Takehome) -> bool:
    try:
        models.check_row(old)
    except UnreadableRowError as error:
        lookup.log_unreadable(interview_id_of(old), error)
        return False
    return True


def _takehome_row(old: Takehome, interview: Interview | None) -> SourceRow:
    created_at = old.created_at or datetime.max.replace(tzinfo=UTC)
    # Cursors are part of URLs, so they must not contain the passcode.
    key = [old.created_at_text, ids.id_for_passcode(old.passcode)]
    return SourceRow(created_at.replace(microsecond=0), key, interview_id_of(old), interview)


def _takehome_start_key(old_status: str, after: list[Any]) -> dict[str, dict[str, Any]]:
    created_at, id_ = after
    passcode = ids.decode_id(id_) if isinstance(id_, str) else None
    if passcode is None or not isinstance(created_at, str) or not PRINTABLE.fullmatch(created_at):
        raise InvalidCursorError(str(after)[:100])
    return {
        "passcode": {"S": passcode},
        "status": {"S": old_status},
        "createdAt": {"S": created_at},
    }


def _read_open(query: ListQuery, after: list[Any] | None, limit: int) -> SourcePage:
    """Read all open old rows of `interviews`, which are few, and sort them here."""
    interviews = lookup.read_rows(_old_rows(OLD_OPEN_STATUSES))
    rows = sorted(
        (_interview_row(one) for one in interviews if query.matches(one)),
        key=_sort_key,
        reverse=True,
    )
    if after is not None:
        seconds, id_ = _parse_cursor_key(after)
        rows = [row for row in rows if _sort_key(row) < (seconds, id_)]
    return SourcePage(rows[:limit], rows[limit - 1] if len(rows) > limit else None)


def _read_destroyed(query: ListQuery, after: list[Any] | None, limit: int) -> SourcePage:
    """Read old rows of `interviews` of the old status `destroyed`."""
    start = None
    if after is not None:
        seconds, id_ = _parse_cursor_key(after)
        start = {
            "id": {"S": id_},
            "status": {"S": DESTROYED},
            "createdAt": {"N": str(seconds)},
        }
    rows: list[SourceRow] = []
    for _ in range(MAX_ROUNDS):
        size = max(limit, MIN_PAGE)
        result = Interview.status_index.query(
            DESTROYED,
            scan_index_forward=False,
            limit=size,
            page_size=size,
            last_evaluated_key=start,
        )
        stored = list(result)
        start = result.last_evaluated_key
        created_at = {row.id: row.created_at for row in stored if row.created_at is not None}
        rows += [
            _interview_row(one, created_at[one.id])
            for one in lookup.read_rows(stored)
            if query.matches(one)
        ]
        if len(rows) >= limit:
            return SourcePage(rows[:limit], rows[limit - 1])
        if start is None or not stored:
            return SourcePage(rows, None)
        last_examined = _last_examined_row(stored[-1])
    return SourcePage(rows, last_examined)


def _old_rows(statuses: Collection[str]) -> list[Interview]:
    """Return the old rows of `interviews` of these statuses, by consistent reads."""
    indexed_ids = [
        row.id
        for status in statuses
        for row in Interview.status_index.query(
            status, filter_condition=Interview.list_key.does_not_exist(), attributes_to_get=["id"]
        )
    ]
    # The index may lag behind.
    stored = Interview.batch_get(indexed_ids, consistent_read=True) if indexed_ids else ()
    return [row for row in stored if not is_migrated(row)]


def _interview_row(interview: Interview, created_at: datetime | None = None) -> SourceRow:
    created_at = created_at or interview.created_at
    return SourceRow(created_at, _cursor_key(interview, created_at), interview.id, interview)


def _last_examined_row(row: Interview) -> SourceRow:
    """Return the position of a row in the index. Unreadable times sort before all others."""
    if "createdAt" in row.unreadable_attributes:
        key = [int(float(row.unreadable_attributes["createdAt"]["N"])), row.id]
        return SourceRow(datetime.max.replace(tzinfo=UTC), key, "")
    return SourceRow(row.created_at, _cursor_key(row, row.created_at), "")


def _cursor_key(interview: Interview, created_at: datetime) -> list[Any]:
    return [int(TimeAttribute().serialize(created_at)), interview.id]


def _sort_key(row: SourceRow) -> tuple[int, str]:
    return (row.cursor_key[0], row.cursor_key[1])


def _parse_cursor_key(after: list[Any]) -> tuple[int, str]:
    match after:
        case [int(seconds), str(id_)] if 0 <= seconds < 10**15 and PRINTABLE.fullmatch(id_[:40]):
            return seconds, id_
    raise InvalidCursorError(str(after)[:100])
