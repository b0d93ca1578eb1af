"""Runs in the queue."""

from operations.checks import queue
from operations.checks.models import CheckResult, CheckRun, Subject


def queued(name: str = "a", **values) -> CheckRun:
    return queue.queue_run(Subject.STARTING, name, 1, **values)[0]


def result(run: CheckRun, passed: int = 3, total: int = 5) -> CheckResult:
    return CheckResult(
        run=run, position=0, name="A", is_visible=False, seconds=1, passed=passed, total=total
    )
