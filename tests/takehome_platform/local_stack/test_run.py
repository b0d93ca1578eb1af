"""`python -m takehome_platform.local_stack` from start to stop, as a process."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from operations.provisioners.local.processes import MARKER
from takehome_platform.local_stack.config import ROOT, free_port
from tests.services import wait_until

COMMAND = (sys.executable, "-m", "takehome_platform.local_stack")
SERVERS = ("redis", "dynamodb", "web", "worker", "worker-ends")


@dataclass
class Run:
    """One start of the platform."""

    process: subprocess.Popen[str]
    data_dir: Path
    line: str

    def pid(self, service: str) -> int:
        return int(json.loads((self.data_dir / "run.json").read_text())["parts"][service]["pid"])


def _environment(data_dir: Path, port: str, **variables: str) -> dict[str, str]:
    removed = ("MAKE", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DATABASE_URL", "COV_")
    outer = {name: text for name, text in os.environ.items() if not name.startswith(removed)}
    return outer | {"DATA_DIR": str(data_dir), "PORT": port} | variables


@contextmanager
def _running(data_dir: Path, port: str) -> Iterator[Run]:
    """Yields once the platform is ready; stops it with SIGINT afterwards."""
    with subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=_environment(data_dir, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield Run(process, data_dir, process.stdout.readline())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(10)


def _processes_of(data_dir: Path) -> list[str]:
    """The command lines of all processes that have this DATA_DIR in their environment."""
    commands = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DATA_DIR") == str(data_dir):
                commands.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return commands


def _startup_error(data_dir: Path, port: str, **variables: str) -> str:
    """The one line on stderr of a start that fails with exit code 2 and prints nothing else."""
    done = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=_environment(data_dir, port, **variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr


@contextmanager
def _workspace(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process as the local provisioner starts it: in a session of its own, with its marker."""
    folder = str(data_dir / "workspaces" / "takehome-1")
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env={**os.environ, MARKER: folder},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def port() -> str:
    return str(free_port())


# Half a minute: two starts of the platform, and a restart of its worker.
def test_platform_starts_survives_kill_9_and_stops_with_no_process_left(
    tmp_path: Path, port: str
) -> None:
    with _running(tmp_path, port) as killed, _workspace(tmp_path) as workspace:
        password = (tmp_path / "admin_password").read_text()
        assert killed.line == f"http://127.0.0.1:{port}/  sign in as admin / {password}\n"
        assert _startup_error(tmp_path, str(free_port())) == (
            f"Takehome Platform already runs on {tmp_path}: stop that one, "
            "or choose another folder with DATA_DIR=/some/folder make run.\n"
        )
        first_worker = killed.pid("worker")
        os.kill(first_worker, signal.SIGKILL)
        wait_until(lambda: killed.pid("worker") != first_worker, "the worker stayed dead")
        assert killed.process.stderr is not None
        assert re.fullmatch(
            r"worker ended unexpectedly \(signal 9\). Restarting it in 0\.5 s; "
            rf"its log is {tmp_path}/logs/worker\.log\n",
            killed.process.stderr.readline(),
        )
        left = [killed.pid(service) for service in SERVERS]
        killed.process.kill()
        killed.process.wait()
        assert [psutil.pid_exists(pid) for pid in left] == [True] * len(SERVERS)

        with _running(tmp_path, port) as run:
            assert run.line == killed.line
            # The stores were prepared by the first start, and nothing waited for that again.
            assert (tmp_path / "logs/prepare.log").read_text().count("settlement-check: ") == 1
            assert workspace.poll() is None
            assert [pid for pid in left if psutil.pid_exists(pid)] == []
            run.process.send_signal(signal.SIGINT)
            out, err = run.process.communicate(timeout=20)
            assert workspace.wait(0) < 0
    assert (run.process.returncode, out) == (0, "")
    assert sorted(err.splitlines()) == sorted(
        f"ended {service}, left behind by a killed run" for service in SERVERS
    )
    assert _processes_of(tmp_path) == []
    assert not (tmp_path / "run.json").exists()
    logs = "".join(path.read_text() for path in (tmp_path / "logs").iterdir())
    assert password not in logs
    assert (tmp_path / "secret_key").read_text() not in logs


def test_broken_setting_is_one_sentence(tmp_path: Path, port: str) -> None:
    assert _startup_error(tmp_path, port, TABLE_PREFIX="no blanks") == (
        "TABLE_PREFIX may hold letters, digits, '_', '-' and '.', 100 at most.\n"
    )
    assert _processes_of(tmp_path) == []


def test_engine_that_does_not_exist_is_one_sentence(tmp_path: Path, port: str) -> None:
    assert _startup_error(tmp_path, port, PROVISIONER="dokcer") == (
        "PROVISIONER=dokcer is unknown. Use one of: docker, kubernetes, local, swarm.\n"
    )
    assert _processes_of(tmp_path) == []


def test_port_that_is_no_number_is_one_sentence(tmp_path: Path) -> None:
    assert _startup_error(tmp_path, "abc") == "PORT must be a number from 1 to 65535, not 'abc'.\n"
