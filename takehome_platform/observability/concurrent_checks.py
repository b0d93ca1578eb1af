"""Asking several parts at the same time, for so long at most."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import Any

from django.db import connections


class ConcurrentChecks:
    """Questions by name, each in a thread of its own.

    One that hangs is left behind, and is not asked again before it is over: however often somebody
    looks, a part that does not answer holds one thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, Future[Any]] = {}

    def ask(
        self, questions: Mapping[str, Callable[[], Any]], seconds: float
    ) -> dict[str, Future[Any] | None]:
        """The answers (or errors) by name; None for one that did not answer in time."""
        with self._lock:
            asked = {name: self._ask(name, question) for name, question in questions.items()}
        wait(asked.values(), timeout=seconds)
        return {name: future if future.done() else None for name, future in asked.items()}

    def _ask(self, name: str, question: Callable[[], Any]) -> Future[Any]:
        before = self._asked.get(name)
        if before is not None and not before.done():
            return before
        future: Future[Any] = Future()
        self._asked[name] = future

        def answer() -> None:
            try:
                future.set_result(question())
            except BaseException as error:  # noqa: BLE001 - handed to whoever asked
                future.set_exception(error)
            finally:
                # This thread's own: nobody else closes them.
                connections.close_all()

        # Not an executor's: those are waited for when the process ends.
        threading.Thread(target=answer, name=f"ask-{name}", daemon=True).start()
        return future
