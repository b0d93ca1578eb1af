"""What happens without a click: due starts, time up, expiry, lost work, silent workspaces.

Timers are read from the tables, never from Celery's own: every due item is decided by one
conditional write, so ticks may overlap, repeat and be late.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from interviews import queries
from interviews.dynamodb import now
from interviews.legacy import lazy_migration
from interviews.lifecycle import PROVISIONING, STARTED, EndReason, Status
from interviews.models import Interview, LostRace
from operations import actions, deadlines, models
from operations.models import Operation, State, Type
from operations.provisioners import get as provisioner
from operations.provisioners.base import ProvisionError
from operations.queue import dispatch, enqueue
from operations.worker import handler

logger = structlog.get_logger(__name__)

# After a failure, starting a silent workspace again is not tried more often than this.
BETWEEN_RESTARTS = timedelta(minutes=1)

T = TypeVar("T")


def tick() -> None:
    """Do what is due now. One item that fails keeps no other waiting."""
    _each_interview(Status.AVAILABLE, actions.expire)
    _each_interview(Status.SCHEDULED, _start)
    for status in STARTED:
        _each_interview(status, deadlines.time_up)
    _each(lazy_migration.unfinished, str, lazy_migration.finish)
    for state in (State.PENDING, State.RUNNING):
        _each(partial(models.due, state, now()), models.get, _ring_when_due)


def watch() -> None:
    """Have a look at every running workspace, and at the work on those that come or go."""
    _each(partial(queries.with_status, Status.ACTIVE), str, dispatch.ring_to_look)
    for status in (*PROVISIONING, Status.DESTROYING):
        _each(partial(queries.with_status, status), queries.get, _mend)


def look(interview_id: str) -> None:
    """Start a running test's workspace again if it does not answer, twice in a row; meanwhile its
    clock stands still."""
    interview = queries.get(interview_id)
    if interview is None or interview.state is not Status.ACTIVE or not interview.provisioner:
        return
    try:
        engine = provisioner(interview.provisioner)
        workspace = handler.workspace_of(interview)
        if engine.is_ready(workspace):
            deadlines.answers(interview)
            return
        # A second look a moment later, unless this worker is being stopped.
        if handler.stopping.wait(1) or engine.is_ready(workspace):
            return
    except ProvisionError as error:
        # Could not look is not "not there": leave it alone and look again next time.
        logger.warning("could_not_look", interview=interview_id, reason=error.sentence)
        return
    except LostRace:
        # Somebody gave time, or ended it: the next look sees what is so now.
        return
    try:
        deadlines.stop(interview)
    except LostRace:
        return
    current = models.get(interview.operation_id or "")
    if current is not None and (current.is_unfinished or _failed_just_now(current)):
        return
    enqueue.revive(interview)


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
    if operation.due_at is not None and operation.due_at <= now() and operation.ring_later():
        dispatch.ring(operation.id)


def _mend(interview: Interview) -> None:
    # What another portal starts or ends is its own to see through.
    if not interview.provisioner:
        return
    if interview.state is Status.DESTROYING or interview.state in PROVISIONING:
        enqueue.mend(interview)


def _failed_just_now(operation: Operation) -> bool:
    ended = operation.finished_at
    return (
        operation.type == Type.RESTART
        and operation.status == State.FAILED
        and ended is not None
        and ended > now() - BETWEEN_RESTARTS
    )


def _each_interview(status: Status, act: Callable[[Interview], None]) -> None:
    def act_when_due(interview: Interview) -> None:
        # The index may be late: what counts is the row as it is.
        if interview.due_at is not None and interview.due_at <= now():
            act(interview)

    _each(partial(queries.due, status, now()), queries.get, act_when_due)


def _each(
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
