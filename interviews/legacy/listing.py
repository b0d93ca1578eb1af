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
from interviews.legacy.mapping import DESTROYED, is_ours
from interviews.legacy.models import Takehome, UnreadableRowError, id_of
from interviews.lifecycle import OPEN, Status
from interviews.models import TAKE_HOME, Interview
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.merge import Place, Read, Source

# How a row of the old table may stand that has none in `interviews`.
STANDS_FOR = {
    models.ACTIVE: {Status.AVAILABLE, Status.EXPIRED},
    models.COPYING: {Status.AVAILABLE, Status.EXPIRED},
    models.ACTIVATED: {Status.COMPLETED},
    models.COMPLETED: {Status.COMPLETED},
    models.REVOKED: {Status.REVOKED, Status.EXPIRED},
}
# Those of old rows of `interviews` that are not over: few at a time.
NOT_OVER = ("scheduled", "initializing", "configuring", "active", "destroying", "error")
# How often a source reads on where nothing of what it read belongs on the list.
ROUNDS = 4
AT_LEAST = 50
# A start that is due is left to the old portal for so long, which is less than it is early by.
OTHERS_FIRST = timedelta(minutes=2)
STAMP = re.compile("[ -~]{1,100}")


@dataclass(frozen=True)
class Wanted:
    """What is to be listed: `fits` decides, and `types` and `statuses` say where to look at all.
    Without `indexed` not what was created here, which is found by its words."""

    types: Collection[str]
    statuses: Collection[Status]
    fits: Callable[[Interview], bool]
    indexed: bool = True


def sources(wanted: Wanted) -> list[Source]:
    """The parts to merge. Their order is that of the creation, newest first."""
    found = []
    statuses = set(wanted.statuses)
    if TAKE_HOME in wanted.types:
        found += [
            Source(f"old-{status}", partial(_invitations, wanted, status))
            for status, stands_for in STANDS_FOR.items()
            if stands_for & statuses
        ]
    if statuses & OPEN:
        found.append(Source("open", partial(_not_over, wanted)))
    if statuses & {Status.COMPLETED, Status.REVOKED}:
        found.append(Source("over", partial(_over, wanted)))
    return found


def due_starts(at: datetime) -> Iterator[str]:
    """The ids of old live interviews that are to be started, and that nobody has started: no index
    has the moment of it. An old portal that still runs has done it by then."""
    for interview in lookup.read_all(_stored([Status.SCHEDULED.value])):
        if interview.due_at is not None and interview.due_at + OTHERS_FIRST <= at:
            yield interview.id


def _invitations(wanted: Wanted, status: str, after: list[Any] | None, limit: int) -> Read:
    """Rows of the old table, but those with a row in `interviews`, which is listed there."""
    start = _start_of(status, after) if after else None
    places: list[Place] = []
    for _ in range(ROUNDS):
        size = max(limit, AT_LEAST)
        result = Takehome.status_index.query(
            status, scan_index_forward=False, limit=size, page_size=size, last_evaluated_key=start
        )
        olds = list(result)
        start = result.last_evaluated_key
        places += _alone(wanted, olds)
        if len(places) >= limit:
            return Read(places[:limit], places[limit - 1])
        if start is None or not olds:
            return Read(places, None)
        reach = _place(olds[-1], None)
    return Read(places, reach)


def _alone(wanted: Wanted, olds: list[Takehome]) -> list[Place]:
    olds = [old for old in olds if _can_be_read(old)]
    # All at once: a page must not cost a look-up for each of its rows.
    there = {row.id for row in Interview.batch_get(map(id_of, olds), consistent_read=True)}
    found = []
    for old in olds:
        if id_of(old) in there or (old.is_from_here and not wanted.indexed):
            continue
        interview = lazy_migration.of_old(old, None)
        # Last, since it asks: has another row this passcode?
        if wanted.fits(interview) and (
            old.interview_id or lazy_migration.of_passcode(old.passcode) is None
        ):
            lookup.remember_location(old)
            found.append(_place(old, interview))
    return found


def _can_be_read(old: Takehome) -> bool:
    try:
        models.check_row(old)
    except UnreadableRowError as fault:
        lookup.log_unreadable(id_of(old), fault)
        return False
    return True


def _place(old: Takehome, interview: Interview | None) -> Place:
    at = old.created_at or datetime.max.replace(tzinfo=UTC)
    # A cursor stands in an address: not with a passcode in it.
    key = [old.stored_at, ids.minted(old.passcode)]
    return Place(at.replace(microsecond=0), key, id_of(old), interview)


def _start_of(status: str, after: list[Any]) -> dict[str, dict[str, Any]]:
    stamp, id_ = after
    passcode = ids.unminted(id_) if isinstance(id_, str) else None
    if passcode is None or not isinstance(stamp, str) or not STAMP.fullmatch(stamp):
        raise InvalidCursorError(str(after)[:100])
    return {"passcode": {"S": passcode}, "status": {"S": status}, "createdAt": {"S": stamp}}


def _not_over(wanted: Wanted, after: list[Any] | None, limit: int) -> Read:
    """Old rows of `interviews` that are not over: so few that all are read, and sorted here."""
    found = [one for one in lookup.read_all(_stored(NOT_OVER)) if wanted.fits(one)]
    places = sorted((_of(one) for one in found), key=_order, reverse=True)
    if after is not None:
        seconds, id_ = _checked(after)
        places = [place for place in places if _order(place) < (seconds, id_)]
    return Read(places[:limit], places[limit - 1] if len(places) > limit else None)


def _over(wanted: Wanted, after: list[Any] | None, limit: int) -> Read:
    """Old rows of `interviews` that were destroyed."""
    start = None
    if after is not None:
        seconds, id_ = _checked(after)
        start = {
            "id": {"S": id_},
            "status": {"S": DESTROYED},
            "createdAt": {"N": str(seconds)},
        }
    places: list[Place] = []
    for _ in range(ROUNDS):
        size = max(limit, AT_LEAST)
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
        places += [_of(one, at[one.id]) for one in lookup.read_all(stored) if wanted.fits(one)]
        if len(places) >= limit:
            return Read(places[:limit], places[limit - 1])
        if start is None or not stored:
            return Read(places, None)
        reach = _reach(stored[-1])
    return Read(places, reach)


def _stored(statuses: Collection[str]) -> list[Interview]:
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
    return [row for row in stored if not is_ours(row)]


def _of(interview: Interview, at: datetime | None = None) -> Place:
    at = at or interview.created_at
    return Place(at, _key(interview, at), interview.id, interview)


def _reach(row: Interview) -> Place:
    """How far the index was read. What is no time of a row stands before all that are."""
    if "createdAt" in row.faults:
        key = [int(float(row.faults["createdAt"]["N"])), row.id]
        return Place(datetime.max.replace(tzinfo=UTC), key, "")
    return Place(row.created_at, _key(row, row.created_at), "")


def _key(interview: Interview, at: datetime) -> list[Any]:
    return [int(TimeAttribute().serialize(at)), interview.id]


def _order(place: Place) -> tuple[int, str]:
    return (place.key[0], place.key[1])


def _checked(after: list[Any]) -> tuple[int, str]:
    match after:
        case [int(seconds), str(id_)] if 0 <= seconds < 10**15 and STAMP.fullmatch(id_[:40]):
            return seconds, id_
    raise InvalidCursorError(str(after)[:100])
