"""What happens without a click: due starts, time up, expiry, lost work, silent workspaces.

Timers are read from the tables, never from Celery's own: every due item is decided by one
conditional write, so ticks may overlap, repeat and be late.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

import structlog

from interviews import queries
from interviews.lifecycle import STARTED, EndReason, Status
from interviews.models import Interview
from interviews.tables import now
from operations import actions, bell, models, runner
from operations.models import Operation, State, Type
from operations.provisioners import get as provisioner
from operations.provisioners.base import ProvisionError

logger = structlog.get_logger(__name__)

# Starting a silent workspace again is not tried more often than this.
BETWEEN_RESTARTS = timedelta(minutes=1)

Item = TypeVar("Item", Interview, Operation)


def tick() -> None:
    """Do what is due now. One item that fails keeps no other waiting."""
    _each(queries.due(Status.AVAILABLE, now()), _expire)
    _each(queries.due(Status.SCHEDULED, now()), _start)
    for status in STARTED:
        _each(queries.due(status, now()), _time_up)
    for state in (State.PENDING, State.RUNNING):
        _each(models.due(state, now()), _ring)


def watch() -> None:
    """Have a look at every running workspace, each in a task of its own."""
    for interview in queries.with_status(Status.ACTIVE):
        bell.ring_to_look(interview.id)


def look(interview_id: str) -> None:
    """Start a running test's workspace again if it does not answer, twice in a row."""
    interview = queries.get(interview_id)
    if interview is None or interview.state is not Status.ACTIVE or not interview.provisioner:
        return
    try:
        engine = provisioner(interview.provisioner)
        workspace = runner.workspace_of(interview)
        if engine.is_ready(workspace) or runner.stopping.wait(1) or engine.is_ready(workspace):
            return
    except ProvisionError as error:
        # Could not look is not "not there": leave it alone and look again next time.
        logger.warning("could_not_look", interview=interview_id, reason=error.sentence)
        return
    current = models.get(interview.operation_id or "")
    if current is not None and (current.is_unfinished or _tried_just_now(current)):
        return
    actions.revive(interview)


def _expire(interview: Interview) -> None:
    actions.expire(interview)


def _start(interview: Interview) -> None:
    actions.activate(interview, by="schedule")


def _time_up(interview: Interview) -> None:
    reason = EndReason.TIME_UP if interview.state is Status.ACTIVE else EndReason.NEVER_READY
    actions.end(interview, by="schedule", reason=reason)


def _ring(operation: Operation) -> None:
    if operation.ring_later():
        bell.ring(operation.id)


def _tried_just_now(operation: Operation) -> bool:
    ended = operation.finished_at
    return operation.type == Type.RESTART and ended is not None and ended > now() - BETWEEN_RESTARTS


def _each(items: Iterator[Item], act: Callable[[Item], None]) -> None:
    for item in items:
        try:
            # The index may be late: act on the row as it is, if it still is due.
            item.refresh(consistent_read=True)
            if item.due_at is not None and item.due_at <= now():
                act(item)
        except Exception:
            logger.exception("due_item_failed", item=item.id, action=act.__name__)
