"""What happens without a click: due starts, time up, expiry, lost work, silent workspaces.

Timers are read from the tables, never from Celery's own: every due item is decided by one
conditional write, so ticks may overlap, repeat and be late.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import structlog

from interviews import queries
from interviews.dynamodb import now
from interviews.legacy import lazy_migration
from interviews.lifecycle import STARTED, EndReason, Status
from interviews.models import Interview
from operations import actions, deadlines, models
from operations.models import Operation, OperationStatus
from operations.queue import dispatch

logger = structlog.get_logger(__name__)


T = TypeVar("T")


def run_due() -> None:
    """Do what is due now. One item that fails keeps no other waiting."""
    _each_interview(Status.AVAILABLE, actions.expire)
    _each_interview(Status.SCHEDULED, _start)
    for status in STARTED:
        _each_interview(status, deadlines.end_overdue)
    for_each(lazy_migration.unfinished_migrations, str, lazy_migration.finish_migration)
    for state in (OperationStatus.PENDING, OperationStatus.RUNNING):
        for_each(partial(models.due, state, now()), models.get, _ring_when_due)


def _start(interview: Interview) -> None:
    begins = interview.scheduled_at
    if begins is not None and begins + interview.length <= now():
        # Nobody was here to start it, and it would be over by now.
        interview.move_to(
            Status.CANCELLED,
            by="schedule",
            completed_at=now(),
            end_reason=EndReason.MISSED,
            password=None,
        )
        return
    actions.activate(interview, by="schedule")


def _ring_when_due(operation: Operation) -> None:
    if operation.due_at is not None and operation.due_at <= now() and operation.postpone_dispatch():
        dispatch.enqueue_operation(operation.id)


def _each_interview(status: Status, act: Callable[[Interview], None]) -> None:
    def act_when_due(interview: Interview) -> None:
        # The index may be late: what counts is the row as it is.
        if interview.due_at is not None and interview.due_at <= now():
            act(interview)

    for_each(partial(queries.due_ids, status, now()), queries.get_interview, act_when_due)


def for_each(
    find: Callable[[], Iterator[str]],
    read: Callable[[str], T | None],
    act: Callable[[T], None],
) -> None:
    """Read each item found, and act on it. What fails is logged, and the others go on."""
    try:
        ids = list(find())
    except Exception:
        logger.exception("due_items_not_found")
        return
    for item_id in ids:
        try:
            item = read(item_id)
            if item is not None:
                act(item)
        except Exception:
            logger.exception("due_item_failed", item=item_id)
