"""Checks as processes of this machine: every run ends, and leaves nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from operations.provisioners.base import ProvisionError
from operations.provisioners.checks import get_check_runner
from operations.provisioners.checks.base import RunAbandonedError
from operations.provisioners.checks.process import LocalCheckRunner
from operations.provisioners.local.processes import workspace_processes
from tests.operations.provisioners.checks import jobs
from tests.operations.provisioners.checks.jobs import ATTACKS, Attack


@pytest.fixture
def runner(tmp_path: Path) -> LocalCheckRunner:
    return LocalCheckRunner(tmp_path / "checks")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.name)
def test_every_run_ends_and_leaves_nothing(
    runner: LocalCheckRunner, tmp_path: Path, attack: Attack
) -> None:
    outcome = jobs.attack(runner, tmp_path / "work", attack)
    assert attack.is_fine(outcome), outcome
    assert runner.list_left() == []
    assert workspace_processes(tmp_path) == []
    # The next run is unharmed.
    after = jobs.run(runner, tmp_path / "next", jobs.WRITE_REPORT, name="run-2")
    assert (after.exit_code, len(after.reports)) == (0, 1)


def test_a_daemon_without_a_trace_of_the_run_is_ended(
    runner: LocalCheckRunner, tmp_path: Path
) -> None:
    hides = "cd / && env -i setsid sleep 61.803 >/dev/null 2>&1 &"
    jobs.run(runner, tmp_path / "work", f"{hides} sleep 0.1")
    assert [each for each in psutil.process_iter() if "61.803" in command_of(each)] == []


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_run_is_abandoned_when_the_caller_says_so(
    runner: LocalCheckRunner, tmp_path: Path
) -> None:
    with pytest.raises(RunAbandonedError):
        jobs.run(runner, tmp_path / "work", "sleep 600", should_stop=lambda: True)
    assert runner.list_left() == []
    assert workspace_processes(tmp_path) == []


WORKER = """
import sys
from pathlib import Path
from operations.provisioners.checks.base import CheckJob
from operations.provisioners.checks.process import LocalCheckRunner
root, work = map(Path, sys.argv[1:])
job = CheckJob("run-1", work, "echo began >began; sleep 600", "", 600, 256, 1000)
LocalCheckRunner(root).run(job, lambda: False)
"""


def test_what_a_killed_worker_left_is_removed(runner: LocalCheckRunner, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path / "checks"), str(work)],
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    while not (work / "began").exists():
        assert worker.poll() is None
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert runner.list_left() == ["run-1"]
    assert workspace_processes(tmp_path / "checks")
    runner.remove("run-1")
    assert runner.list_left() == []
    assert workspace_processes(tmp_path / "checks") == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits writable memory")
def test_a_program_cannot_take_more_memory(runner: LocalCheckRunner, tmp_path: Path) -> None:
    outcome = jobs.run(runner, tmp_path / "work", "python3 -c 'bytearray(900_000_000)'")
    assert outcome.exit_code == 1
    assert b"MemoryError" in outcome.output


def test_a_command_does_not_see_the_platforms_variables(
    runner: LocalCheckRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    outcome = jobs.run(runner, tmp_path / "work", "env")
    assert b"CHECK_REPORT=" in outcome.output
    assert b"do-not-tell" not in outcome.output


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "checks").write_text("a file")
    with pytest.raises(ProvisionError, match="This machine refused"):
        jobs.run(LocalCheckRunner(tmp_path / "checks"), tmp_path / "work", "true")


def test_local_checks_need_debug(settings) -> None:
    settings.DEBUG = False
    with pytest.raises(Exception, match="works only with DEBUG=true"):
        get_check_runner("local")


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(Exception, match="PROVISIONER=nothing has no runner"):
        get_check_runner("nothing")
