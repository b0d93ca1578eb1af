"""Which Celery queue carries which task.

Ends and the reconciler have a queue of their own, so that a worker process can serve them alone:
starts may hold every thread of another process. A worker that is given no queue serves all of them.
"""

from enum import StrEnum

from operations.lifecycle import OperationType


class TaskQueue(StrEnum):
    # The name that Celery gives its only queue, in which earlier versions put every task.
    DEFAULT = "celery"
    STARTS = "starts"
    ENDS = "ends"


# By task name; other tasks are in DEFAULT, and operations in the queue of their type. Health checks
# are not in ENDS, as one of a workspace that hangs takes 17 seconds.
TASK_QUEUES = {
    "operations.tick": TaskQueue.ENDS,
    "operations.watch": TaskQueue.ENDS,
    "operations.starts_heartbeat": TaskQueue.STARTS,
}


def operation_queue(type_: OperationType) -> TaskQueue:
    """The queue of operations of this type."""
    return TaskQueue.ENDS if type_ is OperationType.DESTROY else TaskQueue.STARTS
