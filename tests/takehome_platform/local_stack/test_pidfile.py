"""One supervisor on a folder; what a killed one left is ended, and nothing else."""

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
    MARK,
    PidFile,
    end_leftovers,
    only_supervisor_of,
)
from takehome_platform.local_stack.process import Process, end, start
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
    end(processes, grace=0)


def _start(started: list[Process], tmp_path: Path, *argv: str) -> Process:
    process = start(argv, {**os.environ, MARK: "of this run"}, tmp_path / "log", tmp_path)
    started.append(process)
    return process


def _child_of(process: Process, tmp_path: Path) -> psutil.Process:
    wait_until(lambda: (tmp_path / "log").read_text().endswith("\n"), "no child was started")
    return psutil.Process(int((tmp_path / "log").read_text()))


def test_folder_has_one_supervisor(tmp_path: Path) -> None:
    with (
        only_supervisor_of(tmp_path),
        pytest.raises(StartupError) as refusal,
        only_supervisor_of(tmp_path),
    ):
        pass
    assert str(refusal.value) == (
        f"Takehome Platform already runs on {tmp_path}: stop that one, "
        "or choose another folder with DATA_DIR=/some/folder make run."
    )


def test_folder_is_free_again_when_its_supervisor_ended(tmp_path: Path) -> None:
    with only_supervisor_of(tmp_path):
        pass
    with only_supervisor_of(tmp_path) as path:
        assert path == tmp_path / "run.json"


def test_leftover_is_ended(tmp_path: Path, started: list[Process]) -> None:
    left = _start(started, tmp_path, *SLEEP)
    PidFile(tmp_path / "run.json", "of this run").add("web", left.pid)
    assert end_leftovers(tmp_path / "run.json") == ["web"]
    assert left.poll() is not None


def test_leftover_child_of_a_dead_part_is_ended(tmp_path: Path, started: list[Process]) -> None:
    left = _start(started, tmp_path, *WITH_CHILD)
    child = _child_of(left, tmp_path)
    PidFile(tmp_path / "run.json", "of this run").add("worker", left.pid)
    left.kill()
    left.wait()
    assert end_leftovers(tmp_path / "run.json") == ["worker"]
    assert not child.is_running()


def test_workspace_of_a_killed_run_goes_on(tmp_path: Path, started: list[Process]) -> None:
    left = _start(started, tmp_path, *WITH_CHILD, "own")
    workspace = _child_of(left, tmp_path)
    PidFile(tmp_path / "run.json", "of this run").add("worker", left.pid)
    try:
        assert end_leftovers(tmp_path / "run.json") == ["worker"]
        assert workspace.is_running()
    finally:
        workspace.kill()


def test_stranger_with_a_pid_of_ours_goes_on(tmp_path: Path, started: list[Process]) -> None:
    stranger = _start(started, tmp_path, *SLEEP)
    path = tmp_path / "run.json"
    PidFile(path, "of this run").add("web", stranger.pid)
    content = json.loads(path.read_text())
    content["parts"]["web"]["started"] -= 60
    path.write_text(json.dumps(content))
    assert end_leftovers(path) == []
    assert stranger.poll() is None


def test_stranger_in_a_session_of_ours_goes_on(tmp_path: Path, started: list[Process]) -> None:
    stranger = _start(started, tmp_path, *WITH_CHILD)
    child = _child_of(stranger, tmp_path)
    PidFile(tmp_path / "run.json", "of another run").add("web", stranger.pid)
    stranger.kill()
    stranger.wait()
    try:
        assert end_leftovers(tmp_path / "run.json") == []
        assert child.is_running()
    finally:
        child.kill()


@pytest.mark.parametrize("content", [None, "", "{"])
def test_record_that_is_missing_or_cut_short_names_nothing(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    assert end_leftovers(tmp_path / "run.json") == []


def test_part_that_is_gone_already_is_not_recorded(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    PidFile(tmp_path / "run.json", "of this run").add("web", gone.pid)
    assert json.loads((tmp_path / "run.json").read_text())["parts"] == {}
