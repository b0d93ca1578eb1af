"""Dispatch Celery tasks to the workers.

The row in the table is the queue entry. A lost message costs time but no work, as the periodic
tasks dispatch again.
"""

from datetime import timedelta
from typing import Any

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

from operations.lifecycle import OperationType
from operations.queue.routing import TaskQueue, operation_queue

logger = structlog.get_logger(__name__)

# Messages expire once the periodic task that sends them runs again.
HEALTH_CHECK_EXPIRES = 20  # seconds
DELIVER_EXPIRES = 15  # seconds
ORPHAN_EXPIRES = 300  # seconds
KEEP_EXPIRES = 20  # seconds
# Whoever opens the submission later asks again.
INDEX_EXPIRES = 600  # seconds
CHECKS_EXPIRES = 10  # seconds


def enqueue_operation(
    operation_id: str, type_: OperationType, *, delay: timedelta = timedelta(0)
) -> None:
    """Ask a worker to run an operation, now or after a delay of a few seconds.

    A delayed message is lost if the worker that holds it dies, so the row must be due soon after.
    """
    _send(
        "operations.run",
        operation_id,
        queue=operation_queue(type_),
        countdown=delay.total_seconds() or None,
    )


def enqueue_health_check(interview_id: str) -> None:
    """Ask a worker to check whether a running workspace still answers."""
    _send("operations.look", interview_id, expires=HEALTH_CHECK_EXPIRES)


def enqueue_email(message_id: int) -> None:
    """Ask a worker to send an email now."""
    _send("operations.send", str(message_id))


def enqueue_bulk_import(batch_id: int) -> None:
    """Ask a worker to invite the queued candidates of a file."""
    _send("operations.invite_rows", str(batch_id))


def enqueue_delivery(delivery_id: str) -> None:
    """Ask a worker to send a webhook delivery now."""
    _send("operations.deliver", delivery_id, expires=DELIVER_EXPIRES)


def enqueue_orphan_end(orphan_id: int) -> None:
    """Ask a worker to end an orphaned workspace if it is due."""
    _send("operations.end_orphan", str(orphan_id), expires=ORPHAN_EXPIRES)


def enqueue_submission_index(interview_id: str, *, delay: timedelta = timedelta(0)) -> None:
    """Ask a worker to make the indexes of an interview's archives that have none."""
    _send(
        "operations.index_submissions",
        interview_id,
        expires=INDEX_EXPIRES,
        countdown=delay.total_seconds() or None,
    )


def enqueue_keep(interview_id: str) -> None:
    """Ask a worker to keep the progress of a running workspace if it is due."""
    _send("operations.keep_progress", interview_id, expires=KEEP_EXPIRES)


def enqueue_checks(run_id: str) -> None:
    """Ask a worker to run the checks that are waiting; the periodic task does so, too."""
    _send("operations.run_checks", run_id, expires=CHECKS_EXPIRES)


def _send(
    task: str, argument: str, *, queue: TaskQueue = TaskQueue.DEFAULT, **options: Any
) -> None:
    try:
        current_app.send_task(
            task, args=[argument], ignore_result=True, queue=queue.value, **options
        )
    except (OperationalError, OSError) as error:
        logger.warning("bell_not_heard", task=task, id=argument, reason=type(error).__name__)
