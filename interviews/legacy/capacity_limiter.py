"""Limit a migration to a number of DynamoDB capacity units per second."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from pynamodb.models import Model

READ, WRITE = "read", "write"
CAPACITY_KINDS = {
    **dict.fromkeys(("GetItem", "BatchGetItem", "Query", "Scan"), READ),
    **dict.fromkeys(("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"), WRITE),
}


class CapacityLimiter:
    """Allows `rate` read units and `rate` write units per second; 0 means no limit.

    A response tells what its request consumed, so `wait` delays for the requests before it.
    """

    def __init__(
        self,
        rate: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.used = {READ: 0.0, WRITE: 0.0}
        self.sleep = sleep
        self._rate = rate
        self._lock = Lock()
        self._clock = clock
        self._checked_at = clock()
        # The burst is limited to the units of one second.
        self._left = {READ: rate, WRITE: rate}

    def wait(self) -> None:
        """Sleep until the units consumed so far are within the rate."""
        if not self._rate:
            return
        with self._lock:
            now = self._clock()
            for kind, left in self._left.items():
                self._left[kind] = min(self._rate, left + (now - self._checked_at) * self._rate)
            self._checked_at = now
            debt = -min(self._left.values())
        if debt > 0:
            self.sleep(debt / self._rate)

    def consume(self, kind: str, units: float) -> None:
        with self._lock:
            self.used[kind] += units
            self._left[kind] -= units

    @contextmanager
    def measure(self, models: Iterable[type[Model]]) -> Iterator[None]:
        """Count every request for rows of these models inside the context."""
        clients = [model._get_connection().connection.client for model in models]
        for client in clients:
            client.meta.events.register("before-parameter-build.dynamodb", self._ask_for_capacity)
            client.meta.events.register("after-call.dynamodb", self._count_response)
        try:
            yield
        finally:
            for client in clients:
                client.meta.events.unregister(
                    "before-parameter-build.dynamodb", self._ask_for_capacity
                )
                client.meta.events.unregister("after-call.dynamodb", self._count_response)

    def _ask_for_capacity(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in CAPACITY_KINDS:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def _count_response(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name not in CAPACITY_KINDS:
            return
        consumed = parsed.get("ConsumedCapacity")
        parts = consumed if isinstance(consumed, list) else [consumed]
        # A write whose condition failed costs too, but the response does not tell how much.
        units = sum(float(part.get("CapacityUnits", 1)) if part else 1 for part in parts)
        self.consume(CAPACITY_KINDS[model.name], units)
