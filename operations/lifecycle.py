"""The types and statuses of operations."""

from enum import StrEnum


class OperationType(StrEnum):
    CREATE = "create"
    # Restart the workspace of a running test that stopped answering, with the files in it.
    RESTART = "restart"
    DESTROY = "destroy"


class OperationStatus(StrEnum):
    """PENDING to RUNNING to COMPLETED or FAILED; a worker requeues it as PENDING to retry it.

    It can become CANCELLED until it is finished.
    """

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (OperationStatus.PENDING, OperationStatus.RUNNING)
