"""The timers of `make run`: Celery's beat in a thread of a worker that has `--timers`.

Celery's own `-B` forks a process for it, with a copy of everything that the worker has in memory.
Deployments of more than one machine run `celery beat` as a service of its own (docker-compose.yml).
"""

import logging
import threading
from typing import Any

from celery import Celery, bootsteps
from celery.beat import Service
from click import Option

# Celery's own logger for it, whose level `LOGGING` sets.
logger = logging.getLogger("celery.beat")

OPTION = "--timers"
# Between two looks at what is due (seconds), which is also how long a stop may take.
MAX_INTERVAL = 1.0
# Seconds until they start again after an error, such as a disk without room for their schedule.
RESTART_DELAY = 5.0


class Timers(threading.Thread):
    """Sends the periodic tasks until it is stopped, whatever error comes between."""

    def __init__(self, app: Celery, schedule_filename: str | None) -> None:
        super().__init__(name="timers", daemon=True)
        self._app = app
        self._schedule_filename = schedule_filename
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._service: Service | None = None

    def run(self) -> None:
        self._app.set_current()
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                self._service = Service(
                    self._app, max_interval=MAX_INTERVAL, schedule_filename=self._schedule_filename
                )
            try:
                self._service.start()
            except Exception:
                logger.exception("The timers failed. They start again in %g s.", RESTART_DELAY)
                self._stopping.wait(RESTART_DELAY)

    def stop(self) -> None:
        """Ask it to end; it does within MAX_INTERVAL."""
        with self._lock:
            self._stopping.set()
            if self._service is not None:
                self._service.stop()


class TimersStep(bootsteps.StartStopStep):
    """Starts and stops them with the worker."""

    conditional = True

    def __init__(self, worker: Any, timers: bool = False, **options: Any) -> None:
        self.enabled = timers
        super().__init__(worker, **options)

    def create(self, worker: Any) -> Timers:
        return Timers(worker.app, worker.schedule_filename)


def add_to(app: Celery) -> None:
    """Give the app's workers the option."""
    app.user_options["worker"].add(
        Option((OPTION,), is_flag=True, help="Send the periodic tasks from a thread.")
    )
    app.steps["worker"].add(TimersStep)
