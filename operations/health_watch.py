"""Health checks of running workspaces, and repair of interviews without an open operation."""

from datetime import timedelta
from functools import partial

import structlog

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, Status
from interviews.models import Interview, StaleWriteError
from operations import deadlines, models, workspace_sign_in
from operations.lifecycle import OperationStatus, OperationType
from operations.models import Operation
from operations.progress import restore
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import (
    SIGN_IN_REFUSED_KEY,
    Provisioner,
    ProvisionError,
    Workspace,
)
from operations.queue import dispatch, enqueue
from operations.reconciler import process_each
from operations.worker import handler

logger = structlog.get_logger(__name__)

# After a failed restart the next one is tried no earlier than this.
RESTART_INTERVAL = timedelta(minutes=1)


def check_all() -> None:
    """Dispatch a health check of every running workspace, and repair interviews in transition."""
    process_each(
        partial(queries.ids_with_status, Status.ACTIVE), str, dispatch.enqueue_health_check
    )
    for status in (*PROVISIONING, Status.DESTROYING):
        process_each(partial(queries.ids_with_status, status), queries.get_interview, _repair)


def check_health(interview_id: str) -> None:
    """Restart a running test's workspace if it does not answer two checks in a row.

    The candidate's clock is paused until it answers again.
    """
    interview = queries.get_interview(interview_id)
    if interview is None or interview.state is not Status.ACTIVE or not interview.provisioner:
        return
    try:
        engine = provisioner(interview.provisioner)
        workspace = handler.workspace_of(interview)
        if _answers(interview, engine):
            if interview.restoring_state is not None:
                # It was started again, and its worker died or failed before it could say so.
                restore.record_restored(interview)
            deadlines.record_healthy(interview)
            _set_deadline(interview, engine, workspace)
            _check_sign_in(interview, engine, workspace)
            return
        # Check once more after a second, unless this worker is shutting down.
        if handler.shutdown_requested.wait(1) or _answers(interview, engine):
            return
    except ProvisionError as error:
        # A failed check does not mean that the workspace is down. The next check decides.
        logger.warning("could_not_look", interview=interview_id, reason=error.sentence)
        return
    except StaleWriteError:
        # The time was changed or the interview ended meanwhile. The next check sees that.
        return
    try:
        deadlines.pause(interview)
    except StaleWriteError:
        return
    current = models.get_operation(interview.operation_id or "")
    if current is not None and (current.is_unfinished or _failed_recently(current)):
        return
    enqueue.restart_workspace(interview)


def _answers(interview: Interview, engine: Provisioner) -> bool:
    """Whether the workspace answers at an address that its candidate has.

    Raises:
        ProvisionError: if the engine does not find out.
    """
    if interview.has_left_machine:
        return False
    return engine.is_ready(handler.workspace_of(interview)).ready


def _set_deadline(interview: Interview, engine: Provisioner, workspace: Workspace) -> None:
    """Pass the deadline on, which more time or the end of an outage may have changed.

    Raises:
        ProvisionError: if the engine does not take it. The next health check tries again.
    """
    ends_at = interview.auto_destroy_at
    if ends_at is not None:
        engine.set_deadline(workspace, ends_at)


def _check_sign_in(interview: Interview, engine: Provisioner, workspace: Workspace) -> None:
    """Let the pages say when the editor refuses every sign-in, and when it is over.

    Raises:
        ProvisionError: if the engine does not find out.
        StaleWriteError: if the row changed since it was read. The next health check tries again.
    """
    if not workspace_sign_in.signs_in_by_itself(interview):
        return
    state = dict(workspace.state)
    was_refused = state.pop(SIGN_IN_REFUSED_KEY, False)
    is_refused = engine.is_sign_in_refused(workspace)
    if is_refused != was_refused:
        changed = state | ({SIGN_IN_REFUSED_KEY: True} if is_refused else {})
        interview.change(workspace_state=changed)


def _repair(interview: Interview) -> None:
    # The old portal repairs what it starts or ends itself.
    if not interview.provisioner:
        return
    if interview.state is Status.DESTROYING or interview.state in PROVISIONING:
        enqueue.repair_operation(interview)


def _failed_recently(operation: Operation) -> bool:
    finished_at = operation.finished_at
    return (
        operation.type == OperationType.RESTART
        and operation.status == OperationStatus.FAILED
        and finished_at is not None
        and finished_at > now() - RESTART_INTERVAL
    )
