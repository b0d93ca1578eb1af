"""Run several checks at the same time, with a timeout."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import Any

from django.db import connections


class ConcurrentChecks:
    """Named checks, each in a thread of its own.

    A check that hangs is left behind and not started again until it has finished: however often
    `run` is called, a store that does not answer holds one thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[str, Future[Any]] = {}

    def run(
        self, checks: Mapping[str, Callable[[], Any]], timeout: float
    ) -> dict[str, Future[Any] | None]:
        """The finished future of each check by name, or None if it took more than `timeout` s."""
        with self._lock:
            futures = {name: self._start(name, check) for name, check in checks.items()}
        wait(futures.values(), timeout=timeout)
        return {name: future if future.done() else None for name, future in futures.items()}

    def _start(self, name: str, check: Callable[[], Any]) -> Future[Any]:
        previous = self._futures.get(name)
        if previous is not None and not previous.done():
            return previous
        future: Future[Any] = Future()
        self._futures[name] = future

        def run_check() -> None:
            try:
                future.set_result(check())
            except BaseException as error:  # noqa: BLE001 - the caller of `run` handles it
                future.set_exception(error)
            finally:
                # Django closes connections at the end of a request, and this thread has none.
                connections.close_all()

        # Not an executor's thread: the interpreter waits for those when the process ends.
        threading.Thread(target=run_check, name=f"ask-{name}", daemon=True).start()
        return future
