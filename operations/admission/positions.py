"""Where the starts are in line, and how long it usually takes; this only reads."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError
from django.utils import timezone

from interviews.lifecycle import Status
from interviews.models import Interview
from operations.admission.limits import limit_of, limits
from operations.admission.models import Admission, LimitedEngine, in_line, places_taken
from operations.queue.enqueue import PROVISIONING_ALLOWANCE

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


@dataclass(frozen=True)
class EngineLine:
    """An engine with a limit: how many workspaces hold a place, and who waits, in order."""

    engine: str
    limit: int
    running: int
    waiting: Sequence[Admission]

    @property
    def oldest_wait(self) -> timedelta:
        """How long the one who waits longest has been in line."""
        waits = (timezone.now() - row.queued_at for row in self.waiting)
        return max(waits, default=timedelta(0))


def position_of(interview: Interview) -> Position | None:
    """Where its start is in line, or None if it is not.

    None as well without an answer of the SQL database: pages work without it.
    """
    if interview.state is not Status.ACTIVATED or limit_of(interview.provisioner) is None:
        return None
    engine = str(interview.provisioner)
    try:
        waiting = list(in_line(engine).values_list("workspace", flat=True))
        if interview.workspace_name not in waiting:
            return None
        place = waiting.index(interview.workspace_name) + 1
        return Position(place, _usual_wait(engine, place))
    except DatabaseError as error:
        logger.warning("place_not_read", reason=type(error).__name__)
        return None


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
        EngineLine(engine, limit, places_taken(engine).count(), list(in_line(engine)))
        for engine, limit in limits().items()
    ]


def waits_or_just_waited(interview: Interview) -> bool:
    """Whether its start is in line, or left it so lately that no worker may have come to it."""
    if limit_of(interview.provisioner) is None:
        return False
    row = Admission.objects.filter(workspace=interview.workspace_name).first()
    if row is None:
        return False
    return row.admitted_at is None or row.admitted_at + PROVISIONING_ALLOWANCE > timezone.now()


def _usual_wait(engine: str, place: int) -> timedelta | None:
    """By how fast places became free lately, but no later than when the tests that run end."""
    at = timezone.now()
    waits = [wait for wait in (_by_rate(engine, place, at), _by_ends(engine, place, at)) if wait]
    wait = min(waits, default=None)
    return wait if wait is not None and wait <= LONGEST_WAIT else None


def _by_rate(engine: str, place: int, at: datetime) -> timedelta | None:
    freed = LimitedEngine.objects.filter(pk=engine).values_list("freed", flat=True).first() or []
    ages = [at.timestamp() - each for each in freed]
    recent = [age for age in ages if age <= FREED_MEMORY.total_seconds()]
    if len(recent) < MIN_FREED:
        return None
    gap = max(recent) / len(recent)
    # Places that became free at once, and none since, say nothing about the next one.
    return timedelta(seconds=gap) * place if min(recent) <= gap else None


def _by_ends(engine: str, place: int, at: datetime) -> timedelta | None:
    """The time until it is the turn of this place, if every test takes all of its time.

    When a workspace is gone that should have been by now, nobody knows.
    """
    ends = sorted(row.ends_at or _end_of(row, row.admitted_at) for row in places_taken(engine))
    # After the limit was lowered, the first ends free no place.
    ends = ends[max(len(ends) - (limit_of(engine) or 0), 0) :]
    ends = [end for end in ends if end + CLOSING_TIME > at]
    if not ends:
        return None
    for row in in_line(engine)[: place - 1]:
        heapq.heappushpop(ends, _end_of(row, max(ends[0], at) + CLOSING_TIME))
    return ends[0] + CLOSING_TIME - at


def _end_of(row: Admission, begins_at: datetime | None) -> datetime:
    return (begins_at or row.queued_at) + timedelta(seconds=row.length_seconds)
