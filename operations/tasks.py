"""The Celery tasks, which take ids and call the modules that own the rules."""

from typing import Any

from celery import shared_task
from celery.signals import (
    celeryd_after_setup,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)

from operations import health_watch, reconciler, retention
from operations.admission import sweep
from operations.bulk_import import runner as bulk_import_runner
from operations.bulk_import import service
from operations.checks import places as check_places
from operations.checks import sweep as check_sweep
from operations.checks import trials
from operations.mail import outbox, sender
from operations.mail.staff import zone_changes
from operations.progress import cleanup, keep, schedule
from operations.provisioners import temporary_folder
from operations.queue.routing import TaskQueue
from operations.reaper import end, left_behind, scan
from operations.reviews import waiting
from operations.submissions import service as submissions
from operations.webhooks import periodic as webhooks
from operations.webhooks import submission_ready
from operations.worker import handler, heartbeat, identity, places, runner

# Seconds from a worker's start to the first trials of checks.
TRIAL_DELAY = 120


@shared_task(name="operations.run")
def run(operation_id: str) -> None:
    runner.run_operation(operation_id)


@shared_task(name="operations.tick")
def tick() -> None:
    reconciler.run_due()
    heartbeat.record_heartbeat()


@shared_task(name="operations.starts_heartbeat")
def starts_heartbeat() -> None:
    heartbeat.record_heartbeat(TaskQueue.STARTS)


@shared_task(name="operations.watch")
def watch() -> None:
    health_watch.check_all()
    sweep.sweep()
    left_behind.dispatch_due()


@shared_task(name="operations.look")
def look(interview_id: str) -> None:
    health_watch.check_health(interview_id)


@shared_task(name="operations.send")
def send(message_id: str) -> None:
    sender.send_message(int(message_id))


@shared_task(name="operations.invite_rows")
def invite_rows(batch_id: str) -> None:
    bulk_import_runner.run_batch(int(batch_id))


@shared_task(name="operations.post")
def post() -> None:
    """Send emails that are due, and dispatch bulk imports with rows to invite."""
    sender.dispatch_due_messages()
    bulk_import_runner.run_unfinished()


@shared_task(name="operations.forget_old")
def forget_old() -> None:
    retention.keep_longer()
    retention.delete_expired()
    retention.delete_left_practices()
    retention.delete_archive_copies()
    cleanup.delete_left_progress()
    outbox.delete_old_messages()
    service.delete_old_batches()


@shared_task(name="operations.check_planned_times")
def check_planned_times() -> None:
    zone_changes.notify_planners()


@shared_task(name="operations.remind_reviewers")
def remind_reviewers() -> None:
    waiting.remind_reviewers()


@shared_task(name="operations.sweep")
def scan_engines() -> None:
    scan.scan_engines()
    check_sweep.remove_left()
    temporary_folder.remove_left()
    trials.catch_up()


@shared_task(name="operations.end_orphan")
def end_orphan(orphan_id: str) -> None:
    end.end_orphan(int(orphan_id))


@shared_task(name="operations.index_submissions")
def index_submissions(interview_id: str) -> None:
    submissions.index_submissions(interview_id)
    submission_ready.release_deliveries(interview_id)


@shared_task(name="operations.watch_progress")
def watch_progress() -> None:
    schedule.dispatch_due()


@shared_task(name="operations.keep_progress")
def keep_progress(interview_id: str) -> None:
    keep.keep(interview_id)


@shared_task(name="operations.run_checks")
def run_checks(run_id: str = "") -> None:
    """Start threads for the runs that are due, whichever was queued last."""
    check_places.start_runs()


@shared_task(name="operations.try_checks")
def try_checks() -> None:
    trials.queue_for_library()


@shared_task(name="operations.deliver")
def deliver(delivery_id: str) -> None:
    webhooks.deliver_and_dispatch_next(delivery_id)


@shared_task(name="operations.tell_webhooks")
def tell_webhooks() -> None:
    webhooks.relay_and_dispatch()


@shared_task(name="operations.clean_webhooks")
def clean_webhooks() -> None:
    webhooks.delete_old_deliveries()


@celeryd_after_setup.connect
def _prepare_worker(sender: str, instance: Any, **_: object) -> None:
    places.limit_operations(instance.concurrency)
    identity.acquire(sender)


@worker_ready.connect
def _check_after_start(**_: object) -> None:
    """Check workspaces and scan for orphans at once: the machine may have been down.

    An update may have brought newer zone data.
    """
    identity.release_dead_leases_soon()
    # Of this machine, where the sweep may be another's.
    temporary_folder.remove_left()
    watch.delay()
    scan_engines.delay()
    check_planned_times.delay()
    # The samples were loaded before, and an update may have brought newer ones. Not at once: it
    # takes a processor for half a minute, in which whoever has just started the platform tries it.
    try_checks.apply_async(countdown=TRIAL_DELAY)


@worker_shutting_down.connect
def _request_shutdown(**_: object) -> None:
    handler.shutdown_requested.set()


@worker_shutdown.connect
def _wait_for_checks(**_: object) -> None:
    check_places.wait_until_stopped()
