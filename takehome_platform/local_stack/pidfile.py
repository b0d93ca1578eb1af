"""Which processes a DATA_DIR has running: one supervisor, and no leftovers of a killed one."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from takehome_platform.local_stack.config import StartupError

# The environment variable that marks a service's child even after the service itself is gone.
RUN_ID_VARIABLE = "TAKEHOME_RUN"


def run_environment(run_id: str) -> dict[str, str]:
    """What every service and its children have in their environment.

    Where setproctitle is installed, Celery names its processes with it. That overwrites the
    environment that other processes read, and with it the mark, unless SPT_NOENV is set.
    """
    return {RUN_ID_VARIABLE: run_id, "SPT_NOENV": "1"}


class PidFile:
    """DATA_DIR/run.json: the services that were started, each with its pid and its start time."""

    def __init__(self, path: Path, run_id: str) -> None:
        self._path = path
        self._content: dict[str, Any] = {"supervisor": os.getpid(), "mark": run_id, "parts": {}}
        self._write()

    def add(self, name: str, pid: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            started_at = psutil.Process(pid).create_time()
            self._content["parts"][name] = {"pid": pid, "started": started_at}
            self._write()

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        # A kill in the middle of a write must not lose the pids that were recorded before.
        new_file = self._path.with_suffix(".new")
        new_file.write_text(json.dumps(self._content, indent=1))
        new_file.replace(self._path)


@contextlib.contextmanager
def lock_data_dir(data_dir: Path) -> Iterator[Path]:
    """Hold the folder's lock, and yield the path of its pid file.

    Raises:
        StartupError: if another supervisor holds the lock.
    """
    with (data_dir / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartupError(
                f"Takehome Platform already runs on {data_dir}: stop that one, "
                "or choose another folder with DATA_DIR=/some/folder make run."
            ) from error
        yield data_dir / "run.json"


def kill_leftover_processes(path: Path) -> list[str]:
    """Kill the services that a killed supervisor left running, and return their names.

    A process is killed only if it is certainly ours: it has the recorded pid and start time, or it
    is in the session of that pid and has our run id in its environment. Workspaces have sessions of
    their own and are not touched.
    """
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    killed = []
    for name, service in content["parts"].items():
        members = [p for p in psutil.process_iter() if _is_ours(p, service, content["mark"])]
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        # The next services need their ports and files.
        psutil.wait_procs(members, timeout=3)
        if members:
            killed.append(name)
    return killed


def _is_ours(process: psutil.Process, service: dict[str, Any], run_id: str) -> bool:
    try:
        if process.pid == service["pid"]:
            # The system clock, which start times are taken from, may have been adjusted since.
            return abs(process.create_time() - float(service["started"])) < 2
        is_in_session = os.getsid(process.pid) == int(service["pid"])
        return is_in_session and process.environ().get(RUN_ID_VARIABLE) == run_id
    except (psutil.Error, OSError):
        return False
