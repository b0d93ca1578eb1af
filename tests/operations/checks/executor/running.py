"""Runs of checks, one after another."""

from operations.checks import actions, executor, queue
from operations.checks.models import CheckRun


def run_on(interview) -> CheckRun:
    actions.run_again(interview, by="ada")
    return run_next()


def run_next() -> CheckRun:
    run = queue.acquire_run()
    assert run is not None
    executor.run_checks(run)
    run.refresh_from_db()
    return run
