"""The Celery app, and the only list of timers."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "takehome_platform.settings")

app = Celery("takehome_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["operations"])
app.conf.beat_schedule = {
    # What is due without a click: time up, expiry, lost work. Ticks that queue up behind an outage
    # are void after a moment: one is as good as ten.
    "tick": {"task": "operations.tick", "schedule": 2.0, "options": {"expires": 10}},
    # Is every running workspace still answering?
    "watch": {"task": "operations.watch", "schedule": 20.0, "options": {"expires": 20}},
    # What do the engines run that nobody needs, and what do they not run that somebody does?
    "sweep": {"task": "operations.sweep", "schedule": 300.0, "options": {"expires": 300}},
    # E-mails that are due, and candidates of a file that are still to be invited.
    "post": {"task": "operations.post", "schedule": 2.0, "options": {"expires": 10}},
    # Changes of status that webhooks are told of, and messages to them that are due.
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
    # What ended long ago goes, with its files, and with the names and addresses that belong to it.
    "forget_old": {
        "task": "operations.forget_old",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}


@beat_init.connect
@worker_init.connect
def _refuse_unsound_settings(**_: object) -> None:
    # Once Django is set up: the settings themselves import this module.
    from django.core.exceptions import ImproperlyConfigured

    from takehome_platform.checks.startup import require_valid_settings

    try:
        require_valid_settings()
    except ImproperlyConfigured as error:
        # Any other exception Celery would log, and go on.
        raise SystemExit(str(error)) from None
