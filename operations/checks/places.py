"""Threads for runs, apart from those of the worker's pool: a run never holds a start or an end."""

import threading

import structlog
from django.conf import settings
from django.db import connections

from operations.checks import executor, queue
from operations.worker import handler

logger = structlog.get_logger(__name__)

# What a worker that is being stopped waits for its runs to be given back.
STOP_SECONDS = 10

_lock = threading.Lock()
_threads: set[threading.Thread] = set()


def start_runs() -> None:
    """Start threads for the runs that are due, up to CHECKS_AT_ONCE in this process.

    How many run in all processes together is up to `queue.acquire_run`.
    """
    if handler.shutdown_requested.is_set() or not queue.is_anything_due():
        return
    with _lock:
        if len(_threads) >= settings.CHECKS_AT_ONCE:
            return
        thread = threading.Thread(target=_work, name="checks", daemon=True)
        _threads.add(thread)
    thread.start()


def wait_until_stopped(seconds: float = STOP_SECONDS) -> None:
    """Wait for the threads of this process, which a shutdown stops."""
    for thread in list(_threads):
        thread.join(seconds)


def run_until_none_is_due() -> None:
    """Do one run after the other, as long as this process may."""
    while not handler.shutdown_requested.is_set():
        run = queue.acquire_run()
        if run is None:
            return
        executor.run_checks(run)


def _work() -> None:
    try:
        run_until_none_is_due()
    except Exception:
        # The lease of its run ends, and another worker takes it over.
        logger.exception("checks_not_run")
    finally:
        connections.close_all()
        with _lock:
            _threads.discard(threading.current_thread())
