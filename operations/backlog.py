"""How the whole deployment stands: what is overdue, and how much there is to do. Bounded reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, STARTED, Status
from interviews.models import Interview
from operations.mail.models import WAITING, Message
from operations.models import UNFINISHED, Operation
from operations.webhooks.models import Delivery, is_due

# A figure must not cost a walk through a table: from these on it says "so many or more".
MAX_OVERDUE = 200  # of each status
MAX_COUNTED = 2_000  # of each status

# Statuses in which a workspace is there, or is coming or going.
WORKSPACES = {
    "starting": tuple(PROVISIONING),
    "running": (Status.ACTIVE,),
    "ending": (Status.DESTROYING,),
}


@dataclass(frozen=True)
class Overdue:
    """How many wait for the schedule, and for how many seconds the one that waits longest."""

    count: int
    seconds: float


def overdue_interviews() -> Overdue:
    """Starts, ends and expiries whose moment has come."""
    at = now()
    return _overdue(at, _due_interviews(at))


def overdue_operations() -> Overdue:
    """Work that nobody has, and that the schedule should have rung for."""
    at = now()
    return _overdue(at, _due_operations(at))


def overdue_messages() -> Overdue:
    """E-mails whose moment to be sent has come."""
    at = now()
    due = Message.objects.filter(state__in=WAITING, send_at__lte=at).order_by("send_at")
    return _overdue(at, due.values_list("send_at", flat=True)[:MAX_OVERDUE])


def overdue_deliveries() -> Overdue:
    """Messages to webhooks that nobody is sending; to those that are switched off none is due."""
    at = now()
    due = Delivery.objects.filter(is_due(at), webhook__is_active=True).order_by("next_at")
    return _overdue(at, due.values_list("next_at", flat=True)[:MAX_OVERDUE])


def count_workspaces() -> dict[str, int]:
    """How many there are, by what they are doing."""
    return {
        doing: sum(Interview.status_index.count(s.value, limit=MAX_COUNTED) for s in statuses)
        for doing, statuses in WORKSPACES.items()
    }


def count_unfinished_operations() -> dict[str, int]:
    """How many there are, by state. Pending ones wait for a worker, or for their next try."""
    return {
        state.value: Operation.status_due_index.count(state.value, limit=MAX_COUNTED)
        for state in UNFINISHED
    }


def _due_interviews(at: datetime) -> Iterator[datetime | None]:
    for status in (Status.AVAILABLE, Status.SCHEDULED, *STARTED):
        rows = Interview.status_due_index.query(
            status.value, Interview.due_at <= at, limit=MAX_OVERDUE, attributes_to_get=["dueAt"]
        )
        yield from (row.due_at for row in rows)


def _due_operations(at: datetime) -> Iterator[datetime | None]:
    for state in UNFINISHED:
        rows = Operation.status_due_index.query(
            state.value, Operation.due_at <= at, limit=MAX_OVERDUE, attributes_to_get=["dueAt"]
        )
        yield from (row.due_at for row in rows)


def _overdue(at: datetime, moments: Iterable[datetime | None]) -> Overdue:
    waits = [(at - moment).total_seconds() for moment in moments if moment is not None]
    return Overdue(len(waits), max(waits, default=0.0))
