"""Holding an operation while working on it: a thread renews the lease until the work is over."""

import threading
import time
from datetime import timedelta
from types import TracebackType

import structlog
from pynamodb.exceptions import PynamoDBException

from operations import models
from operations.models import LEASE_DURATION, LeaseLostError

logger = structlog.get_logger(__name__)

# A step that takes longer has hung: its worker gives up the lease, and another one repeats it.
STEP_TIMEOUT = timedelta(minutes=15)


class Lease:
    """A claimed operation, kept for as long as the block runs and given up after it.

    It is renewed even when the operation was cancelled meanwhile: whoever comes next must not
    touch the workspace while an engine call of ours is still under way.
    """

    def __init__(self, operation_id: str, token: str) -> None:
        self._operation_id = operation_id
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
        operation = models.get_operation(self._operation_id)
        if operation is not None:
            operation.release(self._token)

    @property
    def is_renewing(self) -> bool:
        return self._thread.is_alive()

    def next_step(self) -> None:
        """The work goes on: the limit counts from now."""
        self._step_began = time.monotonic()

    def _renew(self) -> None:
        while not self._done.wait(LEASE_DURATION.total_seconds() / 3):
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
                # The table is away for a moment: two more tries fit into a lease.
                logger.warning("lease_not_renewed", operation=self._operation_id, reason=str(error))
