"""What must be passed on of each change of status, at least once, whichever process dies when.

`create` and `move_to` mark the row in the write that has the change, so no change is without its
mark. Whoever passes changes on takes the mark off, unless the row has changed again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import size

from interviews.dynamodb import is_condition_failure
from interviews.models import OUTBOX_PENDING, Interview


@dataclass(frozen=True)
class StatusChange:
    """A status that the interview came to; `moment` is its place in the timeline, from 0."""

    moment: int
    status: str
    previous: str | None
    at: datetime


def pending_ids(limit: int) -> Iterator[str]:
    """The ids of so many rows that wait, the longest first, from an index that may be late."""
    rows = Interview.outbox_index.query(OUTBOX_PENDING, limit=limit, attributes_to_get=["id"])
    return (row.id for row in rows)


def pending_changes(interview: Interview) -> list[StatusChange]:
    """Those not passed on yet, in order. More time and the like are no change of status."""
    moments = interview.timeline
    known = [None, *(moment.status for moment in moments)]
    return [
        StatusChange(number, moment.status, known[number], moment.at)
        for number, moment in enumerate(moments)
        if number >= int(interview.outbox_done or 0) and moment.status != known[number]
    ]


def mark_relayed(interview: Interview) -> None:
    """Take the mark off, if nothing was added to the timeline since it was read."""
    count = len(interview.timeline)
    try:
        interview.update(
            actions=[Interview.outbox.remove(), Interview.outbox_done.set(count)],
            condition=Interview.id.exists() & (size(Interview.timeline) == count),
        )
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
