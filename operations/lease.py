"""Holding an operation while working on it: a thread renews the lease until the work is over."""

import threading
from types import TracebackType

import structlog
from pynamodb.exceptions import PynamoDBException

from operations import models
from operations.models import LEASE, NotMine

logger = structlog.get_logger(__name__)


class Lease:
    """A claimed operation, kept for as long as the block runs and given up after it.

    It is renewed even when the operation was cancelled meanwhile: whoever comes next must not
    touch the workspace while an engine call of ours is still under way.
    """

    def __init__(self, operation_id: str, token: str) -> None:
        self._operation_id = operation_id
        self._token = token
        self._done = threading.Event()
        self.lost = False
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
        operation = models.get(self._operation_id)
        if operation is not None:
            operation.let_go(self._token)

    def _renew(self) -> None:
        while not self._done.wait(LEASE.total_seconds() / 3):
            try:
                operation = models.get(self._operation_id)
                if operation is None:
                    raise NotMine(self._operation_id)
                operation.renew(self._token)
            except NotMine:
                self.lost = True
                return
            except PynamoDBException as error:
                # The table is away for a moment: two more tries fit into a lease.
                logger.warning("lease_not_renewed", operation=self._operation_id, reason=str(error))
