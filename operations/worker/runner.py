"""What a worker does with an operation that it hears of: claim it, do it, ring for the next."""

import structlog

from interviews import queries
from interviews.lifecycle import PROVISIONING, Status
from interviews.models import Interview
from operations import metrics, models
from operations.models import (
    LeaseLostError,
    Operation,
    OperationStatus,
    OperationType,
)
from operations.queue import dispatch
from operations.worker.lease import Lease
from operations.worker.provision import ProvisionHandler
from operations.worker.teardown import TeardownHandler

logger = structlog.get_logger(__name__)

KINDS = {
    OperationType.CREATE: ProvisionHandler,
    OperationType.RESTART: ProvisionHandler,
    OperationType.DESTROY: TeardownHandler,
}


def run_operation(operation_id: str) -> None:
    """Claim the operation and do it, or find that there is nothing to do."""
    operation = models.get(operation_id)
    if operation is None:
        return
    ids = {"operation": operation.id, "interview": operation.interview_id}
    with structlog.contextvars.bound_contextvars(**ids):
        try:
            token = operation.claim()
        except LeaseLostError:
            return
        with Lease(operation_id, token) as lease:
            KINDS[OperationType(operation.type)](operation, token, lease).run()
        logger.info("worked_on", type=operation.type, status=operation.status)
        interview = queries.get_interview(operation.interview_id)
        if interview is not None:
            _time_steps(operation, interview)
            _ring_next(operation, interview)


def _time_steps(operation: Operation, interview: Interview) -> None:
    """Only of what was done: a failure has its place in the counts."""
    if operation.status == OperationStatus.COMPLETED and operation.done_at is not None:
        steps = [(step.name, step.at) for step in operation.steps]
        engine, type_ = str(interview.provisioner), operation.type
        queued_at = operation.queued_at or operation.created_at
        metrics.took(engine, type_, queued_at, steps, operation.done_at)


def _ring_next(operation: Operation, interview: Interview) -> None:
    """Whoever waited for this operation's lease need not wait for the schedule's tick."""
    if interview.operation_id in (None, operation.id):
        return
    if interview.state is Status.DESTROYING or interview.state in PROVISIONING:
        dispatch.enqueue_operation(str(interview.operation_id))
