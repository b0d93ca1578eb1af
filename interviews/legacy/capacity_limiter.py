"""How fast a migration goes: so many units of capacity a second, as the tables count them."""

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
    """`rate`: units a second that may be read, and as many that may be written; 0: no limit.

    A request says only afterwards what it took, so `wait` pays for those before.
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
        self._at = clock()
        # What may be used at once: one second's worth.
        self._left = {READ: rate, WRITE: rate}

    def wait(self) -> None:
        """Return when what was used is paid for."""
        if not self._rate:
            return
        with self._lock:
            at = self._clock()
            for kind, left in self._left.items():
                self._left[kind] = min(self._rate, left + (at - self._at) * self._rate)
            self._at = at
            debt = -min(self._left.values())
        if debt > 0:
            self.sleep(debt / self._rate)

    def spend(self, kind: str, units: float) -> None:
        with self._lock:
            self.used[kind] += units
            self._left[kind] -= units

    @contextmanager
    def measured(self, models: Iterable[type[Model]]) -> Iterator[None]:
        """Inside of it every request for a row of these models counts."""
        clients = [model._get_connection().connection.client for model in models]
        for client in clients:
            client.meta.events.register("before-parameter-build.dynamodb", self._ask)
            client.meta.events.register("after-call.dynamodb", self._count)
        try:
            yield
        finally:
            for client in clients:
                client.meta.events.unregister("before-parameter-build.dynamodb", self._ask)
                client.meta.events.unregister("after-call.dynamodb", self._count)

    def _ask(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in CAPACITY_KINDS:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def _count(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name not in CAPACITY_KINDS:
            return
        said = parsed.get("ConsumedCapacity")
        each = said if isinstance(said, list) else [said]
        # A write whose condition failed costs as well, and no server says how much.
        units = sum(float(one.get("CapacityUnits", 1)) if one else 1 for one in each)
        self.spend(CAPACITY_KINDS[model.name], units)
