"""Run a dispatched operation: claim it, handle it, and dispatch its successor."""

from datetime import UTC, datetime, timedelta

import structlog

from interviews import queries
from interviews.lifecycle import PROVISIONING, Status
from interviews.models import Interview
from operations import models
from operations.admission import gate, line
from operations.lifecycle import OperationStatus, OperationType
from operations.models import LeaseLostError, Operation
from operations.monitoring import metrics
from operations.queue import dispatch
from operations.worker import identity, places
from operations.worker.lease import Lease
from operations.worker.provision import ProvisionHandler
from operations.worker.teardown import TeardownHandler

logger = structlog.get_logger(__name__)

HANDLERS = {
    OperationType.CREATE: ProvisionHandler,
    OperationType.RESTART: ProvisionHandler,
    OperationType.DESTROY: TeardownHandler,
}


# A readiness check may come this much early: clocks of several machines differ.
CLOCK_TOLERANCE = timedelta(seconds=1)


def run_operation(operation_id: str) -> None:
    """Claim and run the operation. Does nothing if it is finished or another worker has it.

    It comes back a little later if operations take all the threads that they may.
    """
    operation = models.get_operation(operation_id)
    if operation is None or _is_checked_later(operation):
        return
    with places.take_place() as has_place:
        if has_place:
            _run(operation)
        else:
            type_ = OperationType(operation.type)
            dispatch.enqueue_operation(operation.id, type_, delay=places.PLACE_RETRY_DELAY)


def _run(operation: Operation) -> None:
    ids = {"operation": operation.id, "interview": operation.interview_id}
    with structlog.contextvars.bound_contextvars(**ids):
        if gate.must_wait(operation):
            return
        try:
            token = operation.claim(identity.current_process())
        except LeaseLostError:
            return
        with Lease(operation, token) as lease:
            HANDLERS[OperationType(operation.type)](operation, token, lease).run()
        if not operation.is_between_checks:
            logger.info("worked_on", type=operation.type, status=operation.status)
        interview = queries.get_interview(operation.interview_id)
        if interview is not None:
            _observe_steps(operation, interview)
            _dispatch_successor(operation, interview)
        line.release(operation.interview_id)


def _is_checked_later(operation: Operation) -> bool:
    """Whether its next readiness check is still to come.

    A message that was taken for lost may arrive after all. Each check sends the message for the
    next one, so the operation would be checked twice as often from then on.
    """
    return operation.is_between_checks and operation.check_at > datetime.now(UTC) + CLOCK_TOLERANCE


def _observe_steps(operation: Operation, interview: Interview) -> None:
    """Time only completed operations; failed ones are counted."""
    finished_at = operation.finished_at_precise
    if operation.status == OperationStatus.COMPLETED and finished_at is not None:
        steps = [(step.name, step.at) for step in operation.steps]
        engine, type_ = str(interview.provisioner), operation.type
        metrics.observe_steps(engine, type_, operation.begun_at, steps, finished_at)


def _dispatch_successor(operation: Operation, interview: Interview) -> None:
    """Dispatch the operation that waited for this one's lease, without waiting for a tick."""
    if interview.operation_id in (None, operation.id):
        return
    if interview.state is Status.DESTROYING:
        dispatch.enqueue_operation(str(interview.operation_id), OperationType.DESTROY)
    elif interview.state in PROVISIONING:
        dispatch.enqueue_operation(str(interview.operation_id), OperationType.CREATE)
