"""Health checks of running workspaces, and repair of interviews whose operation was lost."""

from datetime import timedelta
from functools import partial

import structlog

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, Status
from interviews.models import Interview, StaleWriteError
from operations import deadlines, models
from operations.models import Operation, OperationStatus, OperationType
from operations.provisioners import get as provisioner
from operations.provisioners.base import ProvisionError
from operations.queue import dispatch, enqueue
from operations.reconciler import for_each
from operations.worker import handler

logger = structlog.get_logger(__name__)

# After a failure, starting a silent workspace again is not tried more often than this.
BETWEEN_RESTARTS = timedelta(minutes=1)


def check_all() -> None:
    """Have a look at every running workspace, and at the work on those that come or go."""
    for_each(partial(queries.ids_with_status, Status.ACTIVE), str, dispatch.enqueue_health_check)
    for status in (*PROVISIONING, Status.DESTROYING):
        for_each(partial(queries.ids_with_status, status), queries.get_interview, _repair)


def check_health(interview_id: str) -> None:
    """Start a running test's workspace again if it does not answer, twice in a row; meanwhile its
    clock stands still."""
    interview = queries.get_interview(interview_id)
    if interview is None or interview.state is not Status.ACTIVE or not interview.provisioner:
        return
    try:
        engine = provisioner(interview.provisioner)
        workspace = handler.workspace_of(interview)
        if engine.is_ready(workspace):
            deadlines.record_healthy(interview)
            return
        # A second look a moment later, unless this worker is being stopped.
        if handler.shutting_down.wait(1) or engine.is_ready(workspace):
            return
    except ProvisionError as error:
        # Could not look is not "not there": leave it alone and look again next time.
        logger.warning("could_not_look", interview=interview_id, reason=error.sentence)
        return
    except StaleWriteError:
        # Somebody gave time, or ended it: the next look sees what is so now.
        return
    try:
        deadlines.pause(interview)
    except StaleWriteError:
        return
    current = models.get(interview.operation_id or "")
    if current is not None and (current.is_unfinished or _failed_just_now(current)):
        return
    enqueue.restart_workspace(interview)


def _repair(interview: Interview) -> None:
    # What another portal starts or ends is its own to see through.
    if not interview.provisioner:
        return
    if interview.state is Status.DESTROYING or interview.state in PROVISIONING:
        enqueue.repair_operation(interview)


def _failed_just_now(operation: Operation) -> bool:
    ended = operation.finished_at
    return (
        operation.type == OperationType.RESTART
        and operation.status == OperationStatus.FAILED
        and ended is not None
        and ended > now() - BETWEEN_RESTARTS
    )
