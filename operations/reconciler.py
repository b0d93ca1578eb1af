"""The reconciler: starts, ends and expires interviews that are due, and dispatches lost operations.

Due times are in the tables, never in Celery's schedule. One conditional write decides each item, so
ticks may overlap, repeat and be late.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import structlog
from django.db import DatabaseError

from interviews import queries
from interviews.dynamodb import now
from interviews.legacy import lazy_migration
from interviews.lifecycle import STARTED, Status
from interviews.models import Interview
from operations import actions, deadlines, models
from operations.admission import line
from operations.admission.limits import limits
from operations.lifecycle import UNFINISHED, OperationType
from operations.models import Operation
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

T = TypeVar("T")


def run_due() -> None:
    """Process every item that is due. An item that fails does not stop the others."""
    _each_interview(Status.AVAILABLE, actions.expire)
    _each_interview(Status.SCHEDULED, actions.start_scheduled)
    for status in STARTED:
        _each_interview(status, deadlines.end_overdue)
    process_each(lazy_migration.unfinished_migrations, str, lazy_migration.finish_migration)
    for operation_status in UNFINISHED:
        process_each(
            partial(models.due_operation_ids, operation_status, now()),
            models.get_operation,
            _dispatch_when_due,
        )
    process_each(partial(iter, limits()), str, _admit_who_waits)


def _admit_who_waits(engine: str) -> None:
    try:
        line.admit(engine)
    except DatabaseError as error:
        # The next tick tries again. An outage is no error of this item, and needs no traceback.
        logger.warning("places_unknown", reason=type(error).__name__)


def _dispatch_when_due(operation: Operation) -> None:
    if operation.due_at is not None and operation.due_at <= now() and operation.postpone_dispatch():
        dispatch.enqueue_operation(operation.id, OperationType(operation.type))


def _each_interview(status: Status, act: Callable[[Interview], None]) -> None:
    def act_when_due(interview: Interview) -> None:
        # The index may lag behind the row.
        if interview.due_at is not None and interview.due_at <= now():
            act(interview)

    process_each(partial(queries.due_ids, status, now()), queries.get_interview, act_when_due)


def process_each(
    find_ids: Callable[[], Iterator[str]],
    read: Callable[[str], T | None],
    act: Callable[[T], None],
) -> None:
    """Read each item and act on it. An item that fails is logged, and the next one follows."""
    try:
        ids = list(find_ids())
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
