"""Where the starts are in line, and how long it usually takes; this only reads."""

import heapq
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError
from django.utils import timezone

from interviews import durations
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.admission.limits import limit_of, limits
from operations.admission.models import (
    Admission,
    LimitedEngine,
    in_line,
    left_behind,
    places_taken,
)

logger = structlog.get_logger(__name__)

# Places that became free longer ago say nothing about now, and fewer of them too little.
FREED_MEMORY = timedelta(hours=3)
MIN_FREED = 3
# From the end of a test until its place is free: the files are saved and the workspace is closed.
CLOSING_TIME = timedelta(seconds=30)
# A longer estimate says nothing that helps.
LONGEST_WAIT = timedelta(hours=12)


@dataclass(frozen=True)
class Position:
    """A place in line, from 1, and the usual wait there; None if nothing is known yet."""

    place: int
    wait: timedelta | None

    @property
    def wait_seconds(self) -> int | None:
        return None if self.wait is None else int(self.wait.total_seconds())

    @property
    def shown_minutes(self) -> int | None:
        """The wait as pages show it, in minutes."""
        return None if self.wait is None else durations.shown_minutes(self.wait)


@dataclass(frozen=True)
class EngineLine:
    """An engine with a limit: how many workspaces hold a place, and who waits, in order.

    Of the places, `left` are those of failed starts whose workspaces could not be removed yet.
    """

    engine: str
    limit: int
    running: int
    waiting: Sequence[Admission]
    left: Sequence[Admission] = ()

    @property
    def oldest_wait(self) -> timedelta:
        """How long the one who waits longest has been in line."""
        waits = (timezone.now() - row.queued_at for row in self.waiting)
        return max(waits, default=timedelta(0))


def position_of(interview: Interview) -> Position | None:
    """Where its start is in line, or None if it is not.

    None as well without an answer of the SQL database: pages work without it.
    """
    return positions_of([interview]).get(interview.id)


def positions_of(interviews: Iterable[Interview]) -> dict[str, Position]:
    """Where those that are in line are, by id of the interview; each engine is read once."""
    wanted: dict[str, dict[str, str]] = {}
    limited = limits()
    for each in interviews:
        if each.state is Status.ACTIVATED and each.provisioner in limited:
            wanted.setdefault(str(each.provisioner), {})[each.workspace_name] = each.id
    found: dict[str, Position] = {}
    try:
        for engine, ids in wanted.items():
            found |= _positions_on(engine, ids)
    except DatabaseError as error:
        logger.warning("place_not_read", reason=type(error).__name__)
    return found


def _positions_on(engine: str, ids: Mapping[str, str]) -> dict[str, Position]:
    """The positions of these workspaces, by what `ids` has for each."""
    rows = read_line(engine, of=ids)
    return {ids[row.workspace]: position for row, position in rows}


def read_line(engine: str, *, of: Container[str] | None = None) -> list[tuple[Admission, Position]]:
    """The starts that wait on an engine, in order; `of` are the workspaces that are wanted."""
    waiting = list(in_line(engine))
    wanted = [(place, row) for place, row in enumerate(waiting, 1) if _is_in(row, of)]
    if not wanted:
        return []
    estimate = _Estimate(engine, waiting)
    return [(row, Position(place, estimate.usual_wait(place))) for place, row in wanted]


def _is_in(row: Admission, wanted: Container[str] | None) -> bool:
    return wanted is None or row.workspace in wanted


def places_of(interviews: Iterable[Interview]) -> dict[str, int]:
    """The places of those that are in line, by id of the interview."""
    starting = [each for each in interviews if each.state is Status.ACTIVATED]
    engines = {str(each.provisioner) for each in starting} & limits().keys()
    places: dict[str, int] = {}
    for engine in engines:
        ids = in_line(engine).values_list("interview_id", flat=True)
        places |= {interview_id: place for place, interview_id in enumerate(ids, 1)}
    return places


def moved_to_front() -> set[str]:
    """The ids of the interviews that are the first in line because staff moved them there."""
    firsts = (in_line(engine).first() for engine in limits())
    return {row.interview_id for row in firsts if row is not None and row.is_moved_up}


def lines() -> list[EngineLine]:
    """The engines that have a limit, with their lines."""
    return [
        EngineLine(
            engine,
            limit,
            places_taken(engine).count(),
            list(in_line(engine)),
            list(left_behind(engine)),
        )
        for engine, limit in limits().items()
    ]


class _Estimate:
    """The usual waits of an engine's line, by what is read of it once."""

    def __init__(self, engine: str, waiting: Sequence[Admission]) -> None:
        self._at = timezone.now()
        self._waiting = waiting
        self._gap = _mean_gap(engine, self._at)
        self._ends = _ends(engine, self._at)

    def usual_wait(self, place: int) -> timedelta | None:
        """By how fast places became free lately, but no later than when the tests that run end."""
        waits = [None if self._gap is None else self._gap * place, self._by_ends(place)]
        wait = min((each for each in waits if each), default=None)
        return wait if wait is not None and wait <= LONGEST_WAIT else None

    def _by_ends(self, place: int) -> timedelta | None:
        """The time until it is the turn of this place, if every test takes all of its time."""
        ends = list(self._ends)
        if not ends:
            return None
        for row in self._waiting[: place - 1]:
            heapq.heappushpop(ends, _end_of(row, max(ends[0], self._at) + CLOSING_TIME))
        return ends[0] + CLOSING_TIME - self._at


def _mean_gap(engine: str, at: datetime) -> timedelta | None:
    freed = LimitedEngine.objects.filter(pk=engine).values_list("freed", flat=True).first() or []
    ages = [at.timestamp() - each for each in freed]
    recent = [age for age in ages if age <= FREED_MEMORY.total_seconds()]
    if len(recent) < MIN_FREED:
        return None
    gap = max(recent) / len(recent)
    # Places that became free at once, and none since, say nothing about the next one.
    return timedelta(seconds=gap) if min(recent) <= gap else None


def _ends(engine: str, at: datetime) -> list[datetime]:
    """When places become free at the latest, in order.

    When a workspace is gone that should have been by now, nobody knows.
    """
    ends = sorted(row.ends_at or _end_of(row, row.admitted_at) for row in places_taken(engine))
    # After the limit was lowered, the first ends free no place.
    ends = ends[max(len(ends) - (limit_of(engine) or 0), 0) :]
    return [end for end in ends if end + CLOSING_TIME > at]


def _end_of(row: Admission, begins_at: datetime | None) -> datetime:
    return (begins_at or row.queued_at) + timedelta(seconds=row.length_seconds)
