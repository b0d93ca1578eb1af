"""The outbox of changes: each is relayed at least once, even if a process dies.

`create`, `move_to`, `change_plan`, and a `change_time` of which somebody is notified, mark the row
in the same write as the change, so no change lacks its mark.
The relay removes the mark, unless the row has changed again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import size

from interviews.dynamodb import is_condition_failure
from interviews.models import OUTBOX_PENDING, Interview
from interviews.timeline import TimelineEvent

PLAN_EVENTS = frozenset({TimelineEvent.EDITED, TimelineEvent.RESCHEDULED})


@dataclass(frozen=True)
class StatusChange:
    """A change to a new status; `moment` is its position in the timeline, from 0."""

    moment: int
    status: str
    previous: str | None
    at: datetime


@dataclass(frozen=True)
class PlanChange:
    """An edit or a move under the same status; `changed` are stored names of attributes."""

    moment: int
    status: str
    what: TimelineEvent
    changed: tuple[str, ...]
    at: datetime


def pending_ids(limit: int) -> Iterator[str]:
    """Yield the ids of at most `limit` rows with changes to relay, oldest first.

    The index may lag behind.
    """
    rows = Interview.outbox_index.query(OUTBOX_PENDING, limit=limit, attributes_to_get=["id"])
    return (row.id for row in rows)


def pending_changes(interview: Interview) -> list[StatusChange]:
    """Return the status changes that were not relayed yet, in order.

    Other timeline events, such as more time, are no status change.
    """
    events = interview.timeline
    previous = [None, *(event.status for event in events)]
    return [
        StatusChange(number, event.status, previous[number], event.at)
        for number, event in enumerate(events)
        if number >= int(interview.outbox_done or 0) and event.status != previous[number]
    ]


def pending_plan_changes(interview: Interview) -> list[PlanChange]:
    """Return the edits and moves that were not relayed yet, in order."""
    events = interview.timeline
    return [
        PlanChange(
            number,
            event.status,
            TimelineEvent(event.what),
            tuple(map(str, event.changed or ())),
            event.at,
        )
        for number, event in enumerate(events)
        if number >= int(interview.outbox_done or 0)
        and event.what in PLAN_EVENTS
        and number
        and events[number - 1].status == event.status
    ]


def mark_relayed(interview: Interview) -> None:
    """Remove the mark, unless the timeline grew since the interview was read."""
    count = len(interview.timeline)
    try:
        interview.update(
            actions=[Interview.outbox.remove(), Interview.outbox_done.set(count)],
            condition=Interview.id.exists() & (size(Interview.timeline) == count),
        )
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
