"""Handlers of Celery's signals: log context and metrics for every task of a worker.

A task carries the id of the request that enqueued it, so that a search of the log for that id finds
the lines of both.
"""

import time
from contextvars import ContextVar
from typing import Any

import structlog
from celery import signals
from django.conf import settings
from prometheus_client import Histogram

from takehome_platform.observability import worker_metrics

TASKS = Histogram(
    "takehome_task_seconds",
    "How long the tasks of workers took.",
    ["task", "outcome"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900),
)
REQUEST_ID_HEADER = "takehome_request_id"
# By task name: the log field for its first argument, which is an id.
FIRST_ARGUMENT_NAMES = {
    "operations.run": "operation",
    "operations.look": "interview",
    "operations.send": "message",
    "operations.deliver": "delivery",
    "operations.invite_rows": "batch",
}

# time.perf_counter() when the current task started
_started_at: ContextVar[float | None] = ContextVar("task_started_at", default=None)


@signals.setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Stop Celery from setting up logging, as it does while this signal has no receiver."""


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any], **_: object) -> None:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id is not None:
        headers[REQUEST_ID_HEADER] = request_id


@signals.task_prerun.connect
def bind_task_context(task: Any, args: Any, **_: object) -> None:
    structlog.contextvars.clear_contextvars()
    ids = {"task": task.name, "request_id": getattr(task.request, REQUEST_ID_HEADER, None)}
    if task.name in FIRST_ARGUMENT_NAMES and args:
        ids[FIRST_ARGUMENT_NAMES[task.name]] = args[0]
    structlog.contextvars.bind_contextvars(**{k: v for k, v in ids.items() if v is not None})
    _started_at.set(time.perf_counter())


@signals.task_postrun.connect
def record_task(task: Any, state: str | None = None, **_: object) -> None:
    started_at = _started_at.get()
    if started_at is not None:
        outcome = "success" if state == "SUCCESS" else "failure"
        TASKS.labels(task.name, outcome).observe(time.perf_counter() - started_at)
    _started_at.set(None)
    structlog.contextvars.clear_contextvars()


@signals.worker_ready.connect
def start_metrics_server(**_: object) -> None:
    if settings.METRICS_PORT:
        worker_metrics.serve_metrics(settings.METRICS_PORT)
