"""The sittings of an interview: each time that a candidate was given a workspace to work in.

A test has one; each reopening begins another. The attributes of the row are those of the current
sitting, `Interview.sittings` has the earlier ones. What a row lacks of them, because it was
reopened before the attribute existed, comes from its timeline. No I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from interviews.indexes import EarlierSitting, TimelineEntry
from interviews.lifecycle import FINAL, PROVISIONING, EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent

# The most sittings of one interview: its row has a bounded size.
MAX_SITTINGS = 50

# A test that the schedule ended within this time of the end of its time ended for that reason. One
# whose workspace was given up ends hours earlier or later (`operations.deadlines.MAX_PAUSE`).
TIME_UP_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Sitting:
    """One sitting. Numbers begin with 1; a value that is not known, or not there yet, is None.

    `worked` is how long the candidate had the workspace, without the time in which it did not
    answer. `length` is the time that was given, with everything that staff added.
    """

    number: int
    status: Status
    started_at: datetime | None = None
    ready_at: datetime | None = None
    ended_at: datetime | None = None
    worked: timedelta | None = None
    length: timedelta | None = None
    end_reason: EndReason | None = None


def sittings_of(interview: Interview) -> list[Sitting]:
    """Return the sittings, oldest first; none if it was not started."""
    *earlier, current = _timelines(interview)
    if not earlier and not _is_started(interview, current):
        return []
    stored = {int(each.number): each for each in interview.sittings}
    return [
        *(
            _from_stored(stored[number])
            if number in stored
            else _from_timeline(interview, number, events)
            for number, events in enumerate(earlier, start=1)
        ),
        _from_row(interview, len(earlier) + 1, current),
    ]


def completed_sittings(interview: Interview) -> list[EarlierSitting]:
    """Return the sittings of a completed test in the form in which a reopening stores them."""
    return [
        EarlierSitting(  # type: ignore[no-untyped-call]
            number=each.number,
            started_at=each.started_at,
            ready_at=each.ready_at,
            ended_at=each.ended_at,
            worked_seconds=_seconds_or_none(each.worked),
            length_seconds=_seconds_or_none(each.length),
            end_reason=each.end_reason.value if each.end_reason is not None else None,
        )
        for each in sittings_of(interview)
    ]


def time_in_workspace(interview: Interview) -> timedelta | None:
    """Return how long the candidate had the workspace, over all sittings.

    Time in which the workspace did not respond does not count. Returns None if the candidate never
    had it, or still has it.
    """
    sittings = sittings_of(interview)
    if sittings and sittings[-1].status is Status.ACTIVE:
        return None
    known = [each.worked for each in sittings if each.worked is not None]
    return sum(known, timedelta()) if known else None


def sitting_at(interview: Interview, at: datetime) -> int:
    """Return the number of the sitting in which this time was; the first has all before it."""
    began = [each.started_at for each in sittings_of(interview)]
    return max(1, sum(start is not None and start <= at for start in began))


def _timelines(interview: Interview) -> list[list[TimelineEntry]]:
    """The timeline of each sitting, the current one last. That of an unknown one is empty."""
    parts: list[list[TimelineEntry]] = [[]]
    for event in interview.timeline:
        if event.what == TimelineEvent.REOPENED:
            parts.append([])
        parts[-1].append(event)
    number = int(interview.reopened or 0) + 1
    missing: list[list[TimelineEntry]] = [[] for _ in range(number - len(parts))]
    return [*missing, *parts[-number:]]


def _is_started(interview: Interview, events: Sequence[TimelineEntry]) -> bool:
    return (
        interview.activated_at is not None
        or interview.ready_at is not None
        or any(event.status in PROVISIONING | {Status.ACTIVE} for event in events)
    )


def _from_stored(sitting: EarlierSitting) -> Sitting:
    return Sitting(
        number=int(sitting.number),
        status=Status.COMPLETED,
        started_at=sitting.started_at,
        ready_at=sitting.ready_at,
        ended_at=sitting.ended_at,
        worked=_timedelta_or_none(sitting.worked_seconds),
        length=_timedelta_or_none(sitting.length_seconds),
        end_reason=_reason_or_none(sitting.end_reason),
    )


def _from_row(interview: Interview, number: int, events: Sequence[TimelineEntry]) -> Sitting:
    return Sitting(
        number=number,
        status=interview.state,
        started_at=_started_at(interview, number, events),
        ready_at=interview.ready_at,
        ended_at=interview.completed_at if interview.state in FINAL else None,
        worked=_time_worked(events, interview.paused_at),
        length=interview.length,
        end_reason=_reason_or_none(interview.end_reason),
    )


def _from_timeline(interview: Interview, number: int, events: Sequence[TimelineEntry]) -> Sitting:
    """An earlier sitting of a row that did not store it."""
    ready_at = _first(events, Status.ACTIVE)
    length = _length_from(interview, number, events)
    return Sitting(
        number=number,
        status=Status.COMPLETED,
        started_at=_started_at(interview, number, events),
        ready_at=ready_at,
        ended_at=_first(events, Status.COMPLETED),
        worked=_time_worked(events, None),
        length=length,
        end_reason=_reason_from(interview, number, events),
    )


def _started_at(
    interview: Interview, number: int, events: Sequence[TimelineEntry]
) -> datetime | None:
    """The first sitting starts when it is activated, a later one when it is reopened."""
    if number == 1 and interview.activated_at is not None:
        first: datetime = interview.activated_at
        return first
    return next((event.at for event in events if event.status == Status.ACTIVATED), None)


def _first(events: Sequence[TimelineEntry], status: Status) -> datetime | None:
    return next((event.at for event in events if _is_change_to(event, status)), None)


def _is_change_to(event: TimelineEntry, status: Status) -> bool:
    """True if the status became this one; more time has an entry with the same status."""
    return event.what is None and event.status == status


def _time_worked(events: Sequence[TimelineEntry], paused_at: datetime | None) -> timedelta | None:
    """The time in the workspace of one sitting that ended, or None if there was none.

    `paused_at` is set if it ended during a pause, which was not credited.
    """
    total, since, ended = timedelta(), None, None
    for event in events:
        if _is_change_to(event, Status.ACTIVE):
            since = event.at
        elif event.what == TimelineEvent.CREDITED and since is not None:
            total -= timedelta(seconds=int(event.seconds or 0))
        elif event.status == Status.DESTROYING and since is not None:
            ended = event.at
            total += ended - since
            since = None
    if since is not None or ended is None:
        return None
    if paused_at is not None:
        total -= max(ended - paused_at, timedelta())
    return max(total, timedelta())


def _length_from(
    interview: Interview, number: int, events: Sequence[TimelineEntry]
) -> timedelta | None:
    """The time that was given in an earlier sitting, or None if the timeline does not say."""
    if not events:
        return None
    given = timedelta(
        seconds=sum(
            int(event.seconds or 0)
            for event in events
            if event.what in (TimelineEvent.REOPENED, TimelineEvent.EXTENDED)
        )
    )
    return given if number > 1 else interview.invited_length + given


def _reason_from(
    interview: Interview, number: int, events: Sequence[TimelineEntry]
) -> EndReason | None:
    """Why an earlier sitting ended, as far as the timeline tells it."""
    end = next((event for event in events if _is_change_to(event, Status.DESTROYING)), None)
    if end is None:
        return None
    if end.by == "candidate":
        return EndReason.SUBMITTED
    if end.by != "schedule":
        return EndReason.ENDED_BY_STAFF
    ready_at, length = _first(events, Status.ACTIVE), _length_from(interview, number, events)
    if ready_at is None or length is None:
        return EndReason.NEVER_READY
    begins_at = max(ready_at, interview.scheduled_at or ready_at)
    credited = sum(
        int(event.seconds or 0)
        for event in events
        if event.what == TimelineEvent.CREDITED and event.at >= ready_at
    )
    late = end.at - (begins_at + length + timedelta(seconds=credited))
    return EndReason.TIME_UP if abs(late) <= TIME_UP_TOLERANCE else None


def _reason_or_none(stored: str | None) -> EndReason | None:
    return EndReason(stored) if stored in set(EndReason) else None


def _seconds_or_none(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _timedelta_or_none(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=int(seconds))
