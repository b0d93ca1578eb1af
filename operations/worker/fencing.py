"""Whose turn it is to act on a workspace: never two at once, never one who was replaced."""

from datetime import timedelta

from interviews import queries
from interviews.dynamodb import now
from interviews.models import Interview
from operations import models
from operations.models import LeaseLostError, Operation

# How soon an operation looks again whether the one before it has let go.
BLOCKED_FOR = timedelta(seconds=2)
# An operation to which no interview points yet may have been written a moment ago.
VOID_AFTER = timedelta(minutes=10)


def predecessor_released(operation: Operation, token: str) -> bool:
    """Void the operations that this one replaced; False: one's worker is still at it, so this
    operation was put back for a moment."""
    previous = models.get(operation.blocked_by or "")
    while previous is not None:
        previous.cancel()
        previous.refresh(consistent_read=True)
        if previous.is_leased:
            operation.requeue(token, until=now() + BLOCKED_FOR)
            return False
        if previous.status != models.OperationStatus.CANCELLED:
            break
        # One that was cancelled may never have waited for those before it.
        previous = models.get(previous.blocked_by or "")
    return True


def ensure_still_owner(operation: Operation, token: str, interview: Interview) -> None:
    """NotMine: the lease was lost, or the interview went on without this operation."""
    held = models.get(operation.id)
    current = queries.get_interview(interview.id)
    if (
        held is None
        or held.lease_owner != token
        or current is None
        or current.operation_id != operation.id
        or current.status != interview.status
    ):
        raise LeaseLostError(operation.id)


def discard_unreferenced(operation: Operation, token: str) -> None:
    """No interview points here: the click that wrote it lost, or is about to point."""
    if operation.created_at + VOID_AFTER > now():
        operation.requeue(token, until=now() + models.DISPATCH_AGAIN_AFTER)
    else:
        operation.cancel()
