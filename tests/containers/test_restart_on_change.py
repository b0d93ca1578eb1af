"""A developer's worker restarts when the code changes, and leaves no process behind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.services import wait_until

SCRIPT = Path(__file__).resolve().parents[2] / "containers" / "restart_on_change.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the script next to a temporary code folder."""
    (tmp_path / "containers").mkdir()
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "work.py").write_text("")
    return Path(shutil.copy(SCRIPT, tmp_path / "containers"))


def test_command_restarts_when_the_code_changes(copy: Path) -> None:
    endless = (sys.executable, "-c", "import time; time.sleep(600)")
    with subprocess.Popen((sys.executable, copy, *endless), stderr=subprocess.PIPE) as process:
        watcher = psutil.Process(process.pid)
        wait_until(watcher.children, "the command was not started")
        (first,) = watcher.children()
        os.utime(copy.parent.parent / "operations" / "work.py", (0, 2_000_000_000))
        wait_until(lambda: watcher.children() not in ([], [first]), "it did not start again")
        assert not first.is_running()
        (second,) = watcher.children()
        process.terminate()
        assert process.wait(20) == 0
        assert not second.is_running()
