#!/usr/bin/env bash
# A Celery worker runs all of Django's system checks at its start, and drops what they say.
#
# Version: celery 5.7.0 with Django 5.2.19.
# Expected: as for `manage.py` commands that check (`migrate`, `runserver`): an Error ends the process
# with a message, and warnings are printed.
# Seen: the fixup of Celery for Django calls each check once, ignores the list that they return, and
# the worker begins to take tasks, with no line about it in its log. So the start pays for the checks
# (of URLs too, which imports all views) and gains nothing but the exceptions that a check raises.
# A project whose `manage.py check` says "ERRORS: (shop.E001)" and exits with 1 prints on Python 3.11:
#   the check ran
#   the worker is ready
# What helps: set the environment variable CELERY_SKIP_CHECKS, and run the checks that workers are to
# stop for in a handler of the signal `worker_init`.
#
# Prints what was seen, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check celery==5.7.0 Django==5.2.19

mkdir "$folder/shop"
cat >"$folder/shop/__init__.py" <<'PY'
PY
cat >"$folder/shop/settings.py" <<'PY'
SECRET_KEY = "for this script"
INSTALLED_APPS = ["shop.apps.Shop"]
USE_TZ = True
PY
cat >"$folder/shop/apps.py" <<'PY'
from django.apps import AppConfig
from django.core.checks import Error, register


def check(app_configs, **options):
    print("the check ran", flush=True)
    return [Error("No till is set up.", id="shop.E001")]


class Shop(AppConfig):
    name = "shop"

    def ready(self):
        register(check)
PY
cat >"$folder/shop/tasks.py" <<'PY'
from celery import Celery
from celery.exceptions import WorkerShutdown
from celery.signals import worker_ready

app = Celery("shop", broker="memory://")
app.conf.worker_redirect_stdouts = False


@worker_ready.connect
def ready(**_):
    print("the worker is ready", flush=True)
    raise WorkerShutdown(0)
PY

cd "$folder"
export DJANGO_SETTINGS_MODULE=shop.settings
if "$folder/venv/bin/django-admin" check --pythonpath "$folder" >check.txt 2>&1; then
  echo "the checks of this project are meant to fail" >&2
  exit 1
fi
grep -q 'shop.E001' check.txt
timeout 60 "$folder/venv/bin/celery" -A shop.tasks worker --pool solo --loglevel INFO \
  >worker.txt 2>&1 || true
grep -h '^the ' worker.txt
[[ $(grep -c '^the ' worker.txt) == 2 ]]
[[ $(grep -c 'shop.E001\|No till' worker.txt) == 0 ]]
