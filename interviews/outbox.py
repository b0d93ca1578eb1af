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
class Change:
    """What the relay tells others; `moment` is its position in the timeline, from 0."""

    moment: int
    status: str
    at: datetime


@dataclass(frozen=True)
class StatusChange(Change):
    """A change to a new status."""

    previous: str | None


@dataclass(frozen=True)
class PlanChange(Change):
    """An edit or a move under the same status; `changed` are stored names of attributes."""

    what: TimelineEvent
    changed: tuple[str, ...]


def pending_ids(limit: int) -> Iterator[str]:
    """Yield the ids of at most `limit` rows with changes to relay, oldest first.

    The index may lag behind.
    """
    rows = Interview.outbox_index.query(OUTBOX_PENDING, limit=limit, attributes_to_get=["id"])
    return (row.id for row in rows)


def pending_changes(interview: Interview) -> list[StatusChange | PlanChange]:
    """Return the changes that were not relayed yet, in order.

    Other timeline events, such as more time, are neither a new status nor a new plan.
    """
    return _changes(interview, int(interview.outbox_done or 0))


def _changes(interview: Interview, first: int) -> list[StatusChange | PlanChange]:
    events = interview.timeline
    changes: list[StatusChange | PlanChange] = []
    for moment in range(first, len(events)):
        event = events[moment]
        previous = events[moment - 1].status if moment else None
        if event.status != previous:
            changes.append(StatusChange(moment, event.status, event.at, previous))
        elif event.what in PLAN_EVENTS:
            changed = tuple(map(str, event.changed or ()))
            what = TimelineEvent(event.what)
            changes.append(PlanChange(moment, event.status, event.at, what, changed))
    return changes


def status_changes(interview: Interview) -> list[StatusChange]:
    """Return all changes of status, in order, also those that were relayed."""
    return [change for change in _changes(interview, 0) if isinstance(change, StatusChange)]


def mark_relayed(interview: Interview) -> None:
    """Remove the mark, unless the row changed since the interview was read: its timeline grew, or
    files of an earlier end were saved."""
    count = len(interview.timeline)
    last_write = interview.write_id
    is_as_read = (
        Interview.write_id == last_write if last_write else Interview.write_id.does_not_exist()
    )
    try:
        interview.update(
            actions=[Interview.outbox.remove(), Interview.outbox_done.set(count)],
            condition=Interview.id.exists() & (size(Interview.timeline) == count) & is_as_read,
        )
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
