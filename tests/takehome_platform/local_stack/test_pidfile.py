"""A folder has one supervisor; only the leftovers of a killed one are killed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from takehome_platform.local_stack.config import StartupError
from takehome_platform.local_stack.pidfile import (
    PidFile,
    kill_leftover_processes,
    lock_data_dir,
    run_environment,
)
from takehome_platform.local_stack.process import Process, start_process, stop_processes
from tests.services import wait_until

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
WITH_CHILD = (
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
    " start_new_session='own' in sys.argv)\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)",
)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    stop_processes(processes, grace=0)


def _start(started: list[Process], tmp_path: Path, *argv: str) -> Process:
    process = start_process(
        argv, {**os.environ, **run_environment("of this run")}, tmp_path / "log", tmp_path
    )
    started.append(process)
    return process


def _child_of(process: Process, tmp_path: Path) -> psutil.Process:
    wait_until(lambda: (tmp_path / "log").read_text().endswith("\n"), "no child was started")
    return psutil.Process(int((tmp_path / "log").read_text()))


def test_folder_has_one_supervisor(tmp_path: Path) -> None:
    with (
        lock_data_dir(tmp_path),
        pytest.raises(StartupError) as refusal,
        lock_data_dir(tmp_path),
    ):
        pass
    assert str(refusal.value) == (
        f"Takehome Platform already runs on {tmp_path}: stop that one, "
        "or choose another folder with DATA_DIR=/some/folder make run."
    )


def test_folder_is_free_again_when_its_supervisor_ended(tmp_path: Path) -> None:
    with lock_data_dir(tmp_path):
        pass
    with lock_data_dir(tmp_path) as path:
        assert path == tmp_path / "run.json"


def test_leftover_process_is_killed(tmp_path: Path, started: list[Process]) -> None:
    left = _start(started, tmp_path, *SLEEP)
    PidFile(tmp_path / "run.json", "of this run").add("web", left.pid)
    assert kill_leftover_processes(tmp_path / "run.json") == ["web"]
    assert left.poll() is not None


def test_leftover_child_of_a_dead_service_is_killed(tmp_path: Path, started: list[Process]) -> None:
    left = _start(started, tmp_path, *WITH_CHILD)
    child = _child_of(left, tmp_path)
    PidFile(tmp_path / "run.json", "of this run").add("worker", left.pid)
    left.kill()
    left.wait()
    assert kill_leftover_processes(tmp_path / "run.json") == ["worker"]
    assert not child.is_running()


def test_workspace_of_a_killed_run_keeps_running(tmp_path: Path, started: list[Process]) -> None:
    left = _start(started, tmp_path, *WITH_CHILD, "own")
    workspace = _child_of(left, tmp_path)
    PidFile(tmp_path / "run.json", "of this run").add("worker", left.pid)
    try:
        assert kill_leftover_processes(tmp_path / "run.json") == ["worker"]
        assert workspace.is_running()
    finally:
        workspace.kill()


def test_foreign_process_with_a_recorded_pid_keeps_running(
    tmp_path: Path, started: list[Process]
) -> None:
    stranger = _start(started, tmp_path, *SLEEP)
    path = tmp_path / "run.json"
    PidFile(path, "of this run").add("web", stranger.pid)
    content = json.loads(path.read_text())
    content["parts"]["web"]["started"] -= 60
    path.write_text(json.dumps(content))
    assert kill_leftover_processes(path) == []
    assert stranger.poll() is None


def test_foreign_process_in_a_recorded_session_keeps_running(
    tmp_path: Path, started: list[Process]
) -> None:
    stranger = _start(started, tmp_path, *WITH_CHILD)
    child = _child_of(stranger, tmp_path)
    PidFile(tmp_path / "run.json", "of another run").add("web", stranger.pid)
    stranger.kill()
    stranger.wait()
    try:
        assert kill_leftover_processes(tmp_path / "run.json") == []
        assert child.is_running()
    finally:
        child.kill()


@pytest.mark.parametrize("content", [None, "", "{"])
def test_missing_or_truncated_pid_file_names_no_process(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    assert kill_leftover_processes(tmp_path / "run.json") == []


def test_service_that_has_already_exited_is_not_recorded(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    PidFile(tmp_path / "run.json", "of this run").add("web", gone.pid)
    assert json.loads((tmp_path / "run.json").read_text())["parts"] == {}


def test_processes_keep_the_mark_when_they_set_their_title() -> None:
    """setproctitle, which tools for developers bring, overwrites the environment without it."""
    assert run_environment("of this run")["SPT_NOENV"] == "1"
