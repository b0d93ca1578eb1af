"""What lists must look at besides our own indexes, as sources to merge: the old table by its
status, and the old rows of `interviews`. What is one of ours by now is in neither.

The old tables know no moment of an end but in the row itself, so what is over stands in a list
where it was created.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from interviews.dynamodb import TimeAttribute
from interviews.legacy import (
    ids,
    lazy_migration,
    lookup,
    models,
)
from interviews.legacy.mapping import DESTROYED, is_migrated
from interviews.legacy.models import Takehome, UnreadableRowError, interview_id_of
from interviews.lifecycle import OPEN, Status
from interviews.models import TAKE_HOME, Interview
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.merge import Source, SourcePage, SourceRow

# How a row of the old table may stand that has none in `interviews`.
CURRENT_STATUSES = {
    models.ACTIVE: {Status.AVAILABLE, Status.EXPIRED},
    models.COPYING: {Status.AVAILABLE, Status.EXPIRED},
    models.ACTIVATED: {Status.COMPLETED},
    models.COMPLETED: {Status.COMPLETED},
    models.REVOKED: {Status.REVOKED, Status.EXPIRED},
}
# Those of old rows of `interviews` that are not over: few at a time.
OLD_OPEN_STATUSES = ("scheduled", "initializing", "configuring", "active", "destroying", "error")
# How often a source reads on where nothing of what it read belongs on the list.
MAX_ROUNDS = 4
MIN_PAGE = 50
# A start that is due is left to the old portal for so long, which is less than it is early by.
OLD_PORTAL_GRACE = timedelta(minutes=2)
PRINTABLE = re.compile("[ -~]{1,100}")


@dataclass(frozen=True)
class ListQuery:
    """What is to be listed: `fits` decides, and `types` and `statuses` say where to look at all.
    Without `indexed` not what was created here, which is found by its words."""

    types: Collection[str]
    statuses: Collection[Status]
    fits: Callable[[Interview], bool]
    indexed: bool = True


def legacy_sources(wanted: ListQuery) -> list[Source]:
    """The parts to merge. Their order is that of the creation, newest first."""
    found = []
    statuses = set(wanted.statuses)
    if TAKE_HOME in wanted.types:
        found += [
            Source(f"old-{status}", partial(_read_invitations, wanted, status))
            for status, stands_for in CURRENT_STATUSES.items()
            if stands_for & statuses
        ]
    if statuses & OPEN:
        found.append(Source("open", partial(_read_open, wanted)))
    if statuses & {Status.COMPLETED, Status.REVOKED}:
        found.append(Source("over", partial(_read_destroyed, wanted)))
    return found


def due_start_ids(at: datetime) -> Iterator[str]:
    """The ids of old live interviews that are to be started, and that nobody has started: no index
    has the moment of it. An old portal that still runs has done it by then."""
    for interview in lookup.read_rows(_old_rows([Status.SCHEDULED.value])):
        if interview.due_at is not None and interview.due_at + OLD_PORTAL_GRACE <= at:
            yield interview.id


def _read_invitations(
    wanted: ListQuery, status: str, after: list[Any] | None, limit: int
) -> SourcePage:
    """Rows of the old table, but those with a row in `interviews`, which is listed there."""
    start = _takehome_start_key(status, after) if after else None
    places: list[SourceRow] = []
    for _ in range(MAX_ROUNDS):
        size = max(limit, MIN_PAGE)
        result = Takehome.status_index.query(
            status, scan_index_forward=False, limit=size, page_size=size, last_evaluated_key=start
        )
        olds = list(result)
        start = result.last_evaluated_key
        places += _rows_without_interview(wanted, olds)
        if len(places) >= limit:
            return SourcePage(places[:limit], places[limit - 1])
        if start is None or not olds:
            return SourcePage(places, None)
        reach = _takehome_row(olds[-1], None)
    return SourcePage(places, reach)


def _rows_without_interview(wanted: ListQuery, olds: list[Takehome]) -> list[SourceRow]:
    olds = [old for old in olds if _is_readable(old)]
    # All at once: a page must not cost a look-up for each of its rows.
    there = {
        row.id for row in Interview.batch_get(map(interview_id_of, olds), consistent_read=True)
    }
    found = []
    for old in olds:
        if interview_id_of(old) in there or (old.is_from_here and not wanted.indexed):
            continue
        interview = lazy_migration.lazy_from_takehome(old, None)
        # Last, since it asks: has another row this passcode?
        if wanted.fits(interview) and (
            old.interview_id or lazy_migration.get_stored_by_passcode(old.passcode) is None
        ):
            lookup.remember_location(old)
            found.append(_takehome_row(old, interview))
    return found


def _is_readable(old: Takehome) -> bool:
    try:
        models.check_row(old)
    except UnreadableRowError as fault:
        lookup.log_unreadable(interview_id_of(old), fault)
        return False
    return True


def _takehome_row(old: Takehome, interview: Interview | None) -> SourceRow:
    at = old.created_at or datetime.max.replace(tzinfo=UTC)
    # A cursor stands in an address: not with a passcode in it.
    key = [old.stored_at, ids.id_for_passcode(old.passcode)]
    return SourceRow(at.replace(microsecond=0), key, interview_id_of(old), interview)


def _takehome_start_key(status: str, after: list[Any]) -> dict[str, dict[str, Any]]:
    stamp, id_ = after
    passcode = ids.decode_id(id_) if isinstance(id_, str) else None
    if passcode is None or not isinstance(stamp, str) or not PRINTABLE.fullmatch(stamp):
        raise InvalidCursorError(str(after)[:100])
    return {"passcode": {"S": passcode}, "status": {"S": status}, "createdAt": {"S": stamp}}


def _read_open(wanted: ListQuery, after: list[Any] | None, limit: int) -> SourcePage:
    """Old rows of `interviews` that are not over: so few that all are read, and sorted here."""
    found = [one for one in lookup.read_rows(_old_rows(OLD_OPEN_STATUSES)) if wanted.fits(one)]
    places = sorted((_interview_row(one) for one in found), key=_sort_key, reverse=True)
    if after is not None:
        seconds, id_ = _parse_cursor_key(after)
        places = [place for place in places if _sort_key(place) < (seconds, id_)]
    return SourcePage(places[:limit], places[limit - 1] if len(places) > limit else None)


def _read_destroyed(wanted: ListQuery, after: list[Any] | None, limit: int) -> SourcePage:
    """Old rows of `interviews` that were destroyed."""
    start = None
    if after is not None:
        seconds, id_ = _parse_cursor_key(after)
        start = {
            "id": {"S": id_},
            "status": {"S": DESTROYED},
            "createdAt": {"N": str(seconds)},
        }
    places: list[SourceRow] = []
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
        at = {row.id: row.created_at for row in stored if row.created_at is not None}
        places += [
            _interview_row(one, at[one.id]) for one in lookup.read_rows(stored) if wanted.fits(one)
        ]
        if len(places) >= limit:
            return SourcePage(places[:limit], places[limit - 1])
        if start is None or not stored:
            return SourcePage(places, None)
        reach = _last_read_row(stored[-1])
    return SourcePage(places, reach)


def _old_rows(statuses: Collection[str]) -> list[Interview]:
    """The old rows of `interviews` of these statuses, as they are now."""
    found = [
        row.id
        for status in statuses
        for row in Interview.status_index.query(
            status, filter_condition=Interview.tab.does_not_exist(), attributes_to_get=["id"]
        )
    ]
    # The index may be late.
    stored = Interview.batch_get(found, consistent_read=True) if found else ()
    return [row for row in stored if not is_migrated(row)]


def _interview_row(interview: Interview, at: datetime | None = None) -> SourceRow:
    at = at or interview.created_at
    return SourceRow(at, _cursor_key(interview, at), interview.id, interview)


def _last_read_row(row: Interview) -> SourceRow:
    """How far the index was read. What is no time of a row stands before all that are."""
    if "createdAt" in row.faults:
        key = [int(float(row.faults["createdAt"]["N"])), row.id]
        return SourceRow(datetime.max.replace(tzinfo=UTC), key, "")
    return SourceRow(row.created_at, _cursor_key(row, row.created_at), "")


def _cursor_key(interview: Interview, at: datetime) -> list[Any]:
    return [int(TimeAttribute().serialize(at)), interview.id]


def _sort_key(place: SourceRow) -> tuple[int, str]:
    return (place.key[0], place.key[1])


def _parse_cursor_key(after: list[Any]) -> tuple[int, str]:
    match after:
        case [int(seconds), str(id_)] if 0 <= seconds < 10**15 and PRINTABLE.fullmatch(id_[:40]):
            return seconds, id_
    raise InvalidCursorError(str(after)[:100])
