"""Fencing: at most one worker acts on a workspace, and never one whose operation was replaced."""

from datetime import timedelta

from interviews import queries
from interviews.dynamodb import now
from interviews.models import Interview
from operations import models
from operations.lifecycle import OperationStatus
from operations.models import LeaseLostError, Operation

# How long an operation waits before it checks again whether its predecessor released the lease.
PREDECESSOR_RECHECK = timedelta(seconds=2)
# An operation that no interview points at may have been written a moment ago, so it is cancelled
# only when it is older than this.
UNREFERENCED_LIFETIME = timedelta(minutes=10)


def predecessor_released(operation: Operation, token: str) -> bool:
    """Cancel the operations that this one replaced, and return True once all have let go.

    Returns False if a worker still holds the lease of one; this operation is then requeued.
    """
    previous = models.get_operation(operation.blocked_by or "")
    while previous is not None:
        previous.cancel()
        previous.refresh(consistent_read=True)
        if previous.is_leased:
            operation.requeue(token, until=now() + PREDECESSOR_RECHECK)
            return False
        if previous.status != OperationStatus.CANCELLED:
            break
        # A cancelled operation may never have waited for its own predecessors.
        previous = models.get_operation(previous.blocked_by or "")
    return True


def ensure_still_owner(operation: Operation, token: str, interview: Interview) -> None:
    """Check that this worker still holds the lease and that the interview has not moved on.

    Raises:
        LeaseLostError: if the lease was lost, or the interview points at another operation or has
            another status.
    """
    current_operation = models.get_operation(operation.id)
    current_interview = queries.get_interview(interview.id)
    if (
        current_operation is None
        or current_operation.lease_owner != token
        or current_interview is None
        or current_interview.operation_id != operation.id
        or current_interview.status != interview.status
    ):
        raise LeaseLostError(operation.id)


def discard_unreferenced(operation: Operation, token: str) -> None:
    """Cancel an operation that no interview points at, unless it is young.

    The request that wrote it lost a race, or is about to point the interview at it.
    """
    if operation.created_at + UNREFERENCED_LIFETIME > now():
        operation.requeue(token, until=now() + models.DISPATCH_AGAIN_AFTER)
    else:
        operation.cancel()
