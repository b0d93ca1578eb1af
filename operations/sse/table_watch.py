"""Whether the tables answer, for pages that are open: they could neither act nor refresh."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from pynamodb.exceptions import PynamoDBException

from interviews.models import Interview

log = structlog.get_logger(__name__)

INTERVAL_SECONDS = 5.0
# A table that answers does so within milliseconds; botocore gives up only after half a minute.
TIMEOUT_SECONDS = 4.0
# No interview has this id.
PROBE_ID = "table-watch"


def read_tables() -> None:
    """The cheapest read.

    Raises:
        PynamoDBException: if the tables do not answer.
    """
    with suppress(Interview.DoesNotExist):
        Interview.get(PROBE_ID, attributes_to_get=["id"])


class TableWatch:
    """Reads from the tables every few seconds and reports when they stop answering or resume."""

    def __init__(
        self,
        read: Callable[[], object] = read_tables,
        interval: float = INTERVAL_SECONDS,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self.is_down = False
        self._read = read
        self._interval = interval
        self._timeout = timeout

    async def run(self, on_change: Callable[[], object]) -> None:
        """Watch until cancelled; call `on_change` after each change of `is_down`."""
        while True:
            # One read at a time, however long it takes: a frozen server must not use up threads.
            read = asyncio.create_task(asyncio.to_thread(self._read))
            if not (await asyncio.wait([read], timeout=self._timeout))[0]:
                self._set_down(True, on_change, "TimeoutError")
            await self._finish(read, on_change)
            await asyncio.sleep(self._interval)

    async def _finish(self, read: Awaitable[Any], on_change: Callable[[], object]) -> None:
        try:
            await read
        except PynamoDBException as error:
            self._set_down(True, on_change, type(error).__name__)
        except Exception:
            log.exception("table_watch_failed")
        else:
            self._set_down(False, on_change)

    def _set_down(self, is_down: bool, on_change: Callable[[], object], reason: str = "") -> None:
        if is_down != self.is_down:
            self.is_down = is_down
            log.warning("tables_away" if is_down else "tables_back", reason=reason)
            on_change()
