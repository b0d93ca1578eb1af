"""The lease of a claimed operation, which a thread renews until the work is over."""

import threading
import time
from datetime import timedelta
from types import TracebackType

import structlog
from pynamodb.exceptions import PynamoDBException

from operations import models
from operations.models import LEASE_DURATION, LeaseLostError, Operation

logger = structlog.get_logger(__name__)

# Renewals per lease: two may fail, and the third still comes before the lease runs out.
RENEWALS = 4
# A longer step counts as hung: its worker stops renewing the lease, and another one takes over.
STEP_TIMEOUT = timedelta(minutes=15)


class Lease:
    """Keeps the lease of a claimed operation while the `with` block runs, and then releases it.

    The lease is renewed even if the operation was cancelled: the next worker must not touch the
    workspace while an engine call of this one is still running.
    """

    def __init__(self, operation: Operation, token: str) -> None:
        self._operation = operation
        self._operation_id = operation.id
        self._token = token
        self._done = threading.Event()
        self._step_began = time.monotonic()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> "Lease":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._operation.lease_owner != self._token:
            # The work released it with its last write.
            return
        operation = models.get_operation(self._operation_id)
        if operation is not None and operation.lease_owner == self._token:
            operation.release(self._token)

    @property
    def is_renewing(self) -> bool:
        return self._thread.is_alive()

    def restart_step_timeout(self) -> None:
        """Count STEP_TIMEOUT from now, as a new step begins."""
        self._step_began = time.monotonic()

    def _renew(self) -> None:
        while not self._done.wait(LEASE_DURATION.total_seconds() / RENEWALS):
            if time.monotonic() - self._step_began > STEP_TIMEOUT.total_seconds():
                logger.error("step_hangs", operation=self._operation_id)
                return
            try:
                operation = models.get_operation(self._operation_id)
                if operation is None:
                    raise LeaseLostError(self._operation_id)
                operation.renew(self._token)
            except LeaseLostError:
                return
            except PynamoDBException as error:
                # The table may be unavailable for a moment.
                logger.warning("lease_not_renewed", operation=self._operation_id, reason=str(error))
