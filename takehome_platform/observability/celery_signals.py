"""What every task of a worker has in common: its ids in each log line, its place in the figures.

Celery's signals call these. A task that a request rang for bears that request's id: one looks for
it in the log and finds both.
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
HEADER = "takehome_request_id"
# What the first argument of a task is the id of.
FIRST_ARGUMENT = {
    "operations.run": "operation",
    "operations.look": "interview",
    "operations.send": "message",
    "operations.deliver": "delivery",
    "operations.invite_rows": "batch",
}

_began: ContextVar[float | None] = ContextVar("task_began", default=None)


@signals.setup_logging.connect
def leave_logs_alone(**_: object) -> None:
    """Django has set them up, for Celery's own lines as well: with a listener here it does not."""


@signals.before_task_publish.connect
def pass_request_on(headers: dict[str, Any], **_: object) -> None:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id is not None:
        headers[HEADER] = request_id


@signals.task_prerun.connect
def begin(task: Any, args: Any, **_: object) -> None:
    structlog.contextvars.clear_contextvars()
    ids = {"task": task.name, "request_id": getattr(task.request, HEADER, None)}
    if task.name in FIRST_ARGUMENT and args:
        ids[FIRST_ARGUMENT[task.name]] = args[0]
    structlog.contextvars.bind_contextvars(**{k: v for k, v in ids.items() if v is not None})
    _began.set(time.perf_counter())


@signals.task_postrun.connect
def end(task: Any, state: str | None = None, **_: object) -> None:
    began = _began.get()
    if began is not None:
        outcome = "success" if state == "SUCCESS" else "failure"
        TASKS.labels(task.name, outcome).observe(time.perf_counter() - began)
    _began.set(None)
    structlog.contextvars.clear_contextvars()


@signals.worker_ready.connect
def serve_figures(**_: object) -> None:
    if settings.METRICS_PORT:
        worker_metrics.serve(settings.METRICS_PORT)
