"""Which worker process this is, so that leases of a dead process need not run out.

A worker keeps an id in a file of its own and holds the file's lock while it lives. Who gets the
lock knows that the processes that had the id before are dead, and releases their leases at once. A
worker on another machine, or in a new container, has another id: there the lease runs out, within
LEASE_DURATION.
"""

import fcntl
import os
import re
import secrets
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import structlog
from django.conf import settings
from pynamodb.exceptions import PynamoDBException

from interviews.dynamodb import now
from operations import models
from operations.lifecycle import UNFINISHED, OperationType
from operations.models import DISPATCH_AGAIN_AFTER, LEASE_DURATION, Operation
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 2.0

_lock_file: int | None = None
_identity: "WorkerIdentity | None" = None


class WorkerIdentity:
    """The id of a worker, and of this one of its processes."""

    def __init__(self, worker_id: str) -> None:
        self._prefix = f"{worker_id}:"
        self.process = self._prefix + secrets.token_hex(4)

    def is_dead(self, process: str | None) -> bool:
        """Whether that process had this worker's id before."""
        return process is not None and process.startswith(self._prefix) and process != self.process


def current_process() -> str | None:
    """What a lease of this process is marked with, or None outside of a worker."""
    return None if _identity is None else _identity.process


def acquire(node_name: str) -> None:
    """Take the id of this worker. Without one, its leases run out as those of other machines."""
    global _identity, _lock_file
    path = settings.DATA_DIR / "workers" / f"{re.sub('[^A-Za-z0-9.@_-]', '_', node_name)}.id"
    try:
        _lock_file, worker_id = _lock(path)
    except OSError as error:
        # Another worker has this name, or the folder cannot be written.
        logger.warning("worker_without_id", reason=str(error))
        return
    _identity = WorkerIdentity(worker_id)


def release_dead_leases_soon() -> None:
    """Release the leases of dead processes in a thread: the tables may be unavailable."""
    if _identity is not None:
        threading.Thread(
            target=_release_until_expiry, args=[_identity], name="dead-leases", daemon=True
        ).start()


def release_dead_leases(identity: WorkerIdentity) -> None:
    """Release the leases of this worker's dead processes, and dispatch what they had taken.

    A message that a dead process had received is lost, so all that is due soon is dispatched.

    Raises:
        PynamoDBException: if the tables are unavailable.
    """
    soon = now() + max(LEASE_DURATION, DISPATCH_AGAIN_AFTER)
    for status in UNFINISHED:
        for operation_id in list(models.due_operation_ids(status, soon)):
            operation = models.get_operation(operation_id)
            if operation is None or not operation.is_unfinished:
                continue
            _release(operation, identity)
            # A cancelled operation still has its lease, which its successor waits for.
            previous = models.get_operation(operation.blocked_by or "")
            while previous is not None:
                _release(previous, identity)
                previous = models.get_operation(previous.blocked_by or "")
            if not _is_under_way(operation) and operation.postpone_dispatch():
                dispatch.enqueue_operation(operation.id, OperationType(operation.type))


def _release(operation: Operation, identity: WorkerIdentity) -> None:
    if operation.lease_owner is not None and identity.is_dead(operation.lease_process):
        operation.release(operation.lease_owner)
        logger.info("dead_lease_released", operation=operation.id)


def _is_under_way(operation: Operation) -> bool:
    """Whether a living worker has it, or its next readiness check is still to come."""
    is_checked_later = operation.is_between_checks and operation.check_at > datetime.now(UTC)
    return operation.is_leased or is_checked_later


def _release_until_expiry(identity: WorkerIdentity) -> None:
    deadline = time.monotonic() + LEASE_DURATION.total_seconds()
    while time.monotonic() < deadline:
        try:
            release_dead_leases(identity)
        except PynamoDBException as error:
            logger.warning("dead_leases_not_released", reason=type(error).__name__)
            time.sleep(RETRY_SECONDS)
        except Exception:
            logger.exception("dead_leases_not_released")
            return
        else:
            return


def _lock(path: Path) -> tuple[int, str]:
    """Lock the file and return its descriptor and the id in it.

    Raises:
        OSError: if another process holds the lock, or the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        worker_id = os.read(descriptor, 100).decode("ascii", "replace")
        # A crash or a full disk may have cut it off.
        if not re.fullmatch("[0-9a-f]{32}", worker_id):
            worker_id = uuid.uuid4().hex
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, worker_id.encode(), 0)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor, worker_id
