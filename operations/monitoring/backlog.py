"""Counts of overdue and unfinished work in the whole deployment, by bounded reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, STARTED, Status
from interviews.models import Interview
from operations.lifecycle import UNFINISHED
from operations.mail.models import WAITING, Message
from operations.models import Operation
from operations.webhooks.models import Delivery, is_due

# A count must not read a whole table. A count that reaches its limit means "this many or more".
MAX_OVERDUE = 200  # per status
MAX_COUNTED = 2_000  # per status

# The statuses in which an interview has a workspace.
WORKSPACES = {
    "starting": tuple(PROVISIONING),
    "running": (Status.ACTIVE,),
    "ending": (Status.DESTROYING,),
}


@dataclass(frozen=True)
class Overdue:
    """The number of overdue items, and the seconds that the oldest one has been overdue."""

    count: int
    seconds: float


def overdue_interviews() -> Overdue:
    """Interviews whose start, end or expiry is due."""
    at = now()
    return _overdue(at, _interviews_due_at(at))


def overdue_operations() -> Overdue:
    """Operations that no worker runs and that should have been dispatched."""
    at = now()
    return _overdue(at, _operations_due_at(at))


def overdue_messages() -> Overdue:
    """Emails that are due."""
    at = now()
    due = Message.objects.filter(state__in=WAITING, send_at__lte=at).order_by("send_at")
    return _overdue(at, due.values_list("send_at", flat=True)[:MAX_OVERDUE])


def overdue_deliveries() -> Overdue:
    """Deliveries to active webhooks that are due and that no worker is sending."""
    at = now()
    due = Delivery.objects.filter(is_due(at), webhook__is_active=True).order_by("next_at")
    return _overdue(at, due.values_list("next_at", flat=True)[:MAX_OVERDUE])


def count_workspaces() -> dict[str, int]:
    """The number of workspaces that are starting, running and ending."""
    return {
        phase: sum(Interview.status_index.count(s.value, limit=MAX_COUNTED) for s in statuses)
        for phase, statuses in WORKSPACES.items()
    }


def count_unfinished_operations() -> dict[str, int]:
    """The number of unfinished operations by status. Pending ones wait for a worker or a retry."""
    return {
        status.value: Operation.status_due_index.count(status.value, limit=MAX_COUNTED)
        for status in UNFINISHED
    }


def _interviews_due_at(at: datetime) -> Iterator[datetime | None]:
    for status in (Status.AVAILABLE, Status.SCHEDULED, *STARTED):
        rows = Interview.status_due_index.query(
            status.value, Interview.due_at <= at, limit=MAX_OVERDUE, attributes_to_get=["dueAt"]
        )
        yield from (row.due_at for row in rows)


def _operations_due_at(at: datetime) -> Iterator[datetime | None]:
    for status in UNFINISHED:
        rows = Operation.status_due_index.query(
            status.value, Operation.due_at <= at, limit=MAX_OVERDUE, attributes_to_get=["dueAt"]
        )
        yield from (row.due_at for row in rows)


def _overdue(at: datetime, due_times: Iterable[datetime | None]) -> Overdue:
    waits = [(at - due_at).total_seconds() for due_at in due_times if due_at is not None]
    return Overdue(len(waits), max(waits, default=0.0))
