"""A worker is killed (-9) at each step of a run: nothing is lost or done twice, and nothing left.

The child is a fork of this process that does the run, with its own copy of the tables in memory;
folders and processes are real. What it wrote with the end of the run is one transaction.
"""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils.timezone import now

from interviews.challenges import library, versions
from interviews.challenges.checks.manifest import MANIFEST
from interviews.challenges.starting_files import StartingFiles
from operations.checks import actions, executor, preparation, queue, sweep
from operations.checks.models import CheckRun, RunState
from operations.provisioners.checks import get_check_runner
from operations.provisioners.local.processes import workspace_processes
from tests.checking import CHECK_FILES, report, submit

pytestmark = pytest.mark.django_db

# The first attempt leaves a program that ignores signals, and waits; the second one goes through.
COMMAND = """
if [ -e "$HOME/../../../again" ]; then echo '%s' >"$CHECK_REPORT"; exit; fi
(trap '' TERM INT HUP; sleep 600) & touch "$HOME/../../../began"; sleep 600
"""
TEST_CASE = report('<testcase name="a"/>').decode()
MANIFEST_TEXT = f"""[[checks]]
name = "A"
folder = "hidden"
command = '''{COMMAND % TEST_CASE.replace("'", '"')}'''
"""


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        function(*arguments, **options)
        die()

    return call


STEPS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "before the archive is copied": lambda patch: patch.setattr(preparation, "copy_archive", die),
    "with the submission unpacked": lambda patch: patch.setattr(
        preparation, "write_subject", after(preparation.write_subject)
    ),
    "with the check's files laid over": lambda patch: patch.setattr(
        preparation, "lay_over", after(preparation.lay_over)
    ),
    "before the end is written": lambda patch: patch.setattr(queue, "finish", die),
}


@pytest.fixture
def run(challenge: Any, invite: Any, settings: Any) -> CheckRun:
    """A run that this worker has leased."""
    settings.PROVISIONER, settings.DEBUG = "local", True
    version = library.get_version("word-count", None)
    assert version is not None
    files = library.read_files(version) | CHECK_FILES
    files |= StartingFiles({MANIFEST: MANIFEST_TEXT.encode()})
    versions.save_version("word-count", version.about, files, base=1, by="ada")
    actions.run_again(submit(invite()), by="ada")
    taken = queue.acquire_run()
    assert taken is not None
    return taken


def mark(name: str) -> Path:
    return Path(django_settings.DATA_DIR) / name


def die_in_a_fork(run: CheckRun, prepare: Callable[[], None], *, while_running: bool) -> None:
    child = os.fork()
    if child == 0:
        try:
            prepare()
            executor.run_checks(run)
        finally:
            os._exit(1)
    if while_running:
        while not mark("began").exists():
            assert os.waitpid(child, os.WNOHANG) == (0, 0)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def is_clean() -> bool:
    root = preparation.prepared_root()
    left = get_check_runner("local").list_left()
    programs = workspace_processes(Path(django_settings.DATA_DIR) / "checks")
    return not (left or programs or (root.exists() and list(root.iterdir())))


def let_the_next_worker_do_it() -> None:
    mark("again").touch()
    CheckRun.objects.update(lease_until=now() - timedelta(seconds=1))
    again = queue.acquire_run()
    assert again is not None
    executor.run_checks(again)


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_is_killed(step: str, run: CheckRun, monkeypatch) -> None:
    if step == "before the end is written":
        mark("again").touch()
    die_in_a_fork(run, lambda: STEPS[step](monkeypatch), while_running=False)
    assert CheckRun.objects.get().state == RunState.RUNNING
    let_the_next_worker_do_it()
    done = CheckRun.objects.get()
    assert (done.state, done.passed, done.total, done.attempts) == (RunState.FINISHED, 1, 1, 2)
    assert done.results.count() == 1
    sweep.remove_left()
    assert is_clean()


def test_a_worker_that_is_killed_while_a_check_runs(run: CheckRun) -> None:
    die_in_a_fork(run, lambda: None, while_running=True)
    assert not is_clean()
    let_the_next_worker_do_it()
    done = CheckRun.objects.get()
    assert (done.state, done.passed, done.total) == (RunState.FINISHED, 1, 1)
    sweep.remove_left()
    assert is_clean()


def test_what_a_killed_worker_left_is_swept_when_nobody_takes_over(run: CheckRun) -> None:
    die_in_a_fork(run, lambda: None, while_running=True)
    sweep.remove_left()
    # Its lease still holds: it may be another machine's.
    assert not is_clean()
    CheckRun.objects.all().delete()
    sweep.remove_left()
    assert is_clean()
