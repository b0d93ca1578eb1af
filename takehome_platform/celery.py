"""The Celery app, and the only list of periodic tasks."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

from takehome_platform.local_stack import timers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "takehome_platform.settings")
# Celery would run the system checks and drop what they find: _require_valid_settings runs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("takehome_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["operations"])
timers.add_to(app)
app.conf.beat_schedule = {
    # Everything that is due without a click: time up, expiry, lost operations. Ticks that queue up
    # during an outage expire, because one afterwards does the work of all of them.
    "tick": {"task": "operations.tick", "schedule": 2.0, "options": {"expires": 10}},
    # That a worker serves the queue of starts. A tick shows the same for the queue of ends.
    "starts_heartbeat": {
        "task": "operations.starts_heartbeat",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    # Check the health of every running workspace.
    "watch": {"task": "operations.watch", "schedule": 20.0, "options": {"expires": 20}},
    # Keep the progress of the workspaces whose turn it is.
    "watch_progress": {
        "task": "operations.watch_progress",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    # Compare the engines with the interviews: orphaned workspaces, and missing ones.
    "sweep": {"task": "operations.sweep", "schedule": 300.0, "options": {"expires": 300}},
    # Due emails, and the rows of bulk imports that are not invited yet.
    "post": {"task": "operations.post", "schedule": 2.0, "options": {"expires": 10}},
    # Status changes for webhooks, and due webhook deliveries.
    "tell_webhooks": {
        "task": "operations.tell_webhooks",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "clean_webhooks": {
        "task": "operations.clean_webhooks",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Planned times whose zone changed its rules.
    "check_planned_times": {
        "task": "operations.check_planned_times",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Reviews that have waited for REVIEW_REMINDER_DAYS.
    "remind_reviewers": {
        "task": "operations.remind_reviewers",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Runs of checks that are due: queued ones whose message was lost, and those of a dead worker.
    "run_checks": {
        "task": "operations.run_checks",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    # Delete interviews after the retention period, with their files and personal data.
    "forget_old": {
        "task": "operations.forget_old",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}


@beat_init.connect
@worker_init.connect
def _require_valid_settings(**_: object) -> None:
    # Imported here because the settings import this package, and with it this module.
    from django.core.exceptions import ImproperlyConfigured

    from takehome_platform.checks.startup import require_valid_settings

    try:
        require_valid_settings(serves_pages=False)
    except ImproperlyConfigured as error:
        # Celery logs any other exception of a signal handler and continues.
        raise SystemExit(str(error)) from None
