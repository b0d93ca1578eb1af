"""A web process loads what a page needs before somebody waits for it, and after its start."""

import os
import subprocess
import sys

from takehome_platform.local_stack.config import ROOT

WEB = """
import sys, threading
timers = []

class Timer(threading.Timer):
    def start(self):
        timers.append(self)

threading.Timer = Timer
import takehome_platform.asgi
print("nbformat" in sys.modules, [(each.interval, each.daemon) for each in timers])
for each in timers:
    each.function()
print("nbformat.reader" in sys.modules)
"""
WORKER = """
import sys, threading
import takehome_platform.celery, django
django.setup()
import operations.tasks
timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
print("nbformat" in sys.modules, timers)
"""


def output_of(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "takehome_platform.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-2:]


def test_a_web_process_loads_the_reader_of_notebooks_a_while_after_its_start() -> None:
    assert output_of(WEB) == ["False [(5.0, True)]", "True"]


def test_a_worker_does_not() -> None:
    assert output_of(WORKER)[-1] == "False []"
