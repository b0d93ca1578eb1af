"""Celery's door: ids come in, and the rules are elsewhere."""

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from operations import runner, schedule


@shared_task(name="operations.run")
def run(operation_id: str) -> None:
    runner.run(operation_id)


@shared_task(name="operations.tick")
def tick() -> None:
    schedule.tick()


@shared_task(name="operations.watch")
def watch() -> None:
    schedule.watch()


@shared_task(name="operations.look")
def look(interview_id: str) -> None:
    schedule.look(interview_id)


@worker_ready.connect
def _look_after_a_start(**_: object) -> None:
    """The machine may have been down: see at once to the workspaces that should be running."""
    watch.delay()


@worker_shutting_down.connect
def _give_work_back(**_: object) -> None:
    runner.stopping.set()
