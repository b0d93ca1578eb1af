"""Which processes a DATA_DIR has running: one supervisor, and nothing left of a dead one."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from takehome_platform.local_stack.config import StartupError

# In the environment of every part, to know a part's child whose parent is gone.
MARK = "TAKEHOME_RUN"


class PidFile:
    """DATA_DIR/run.json: the parts that were started, each with its pid and its start time."""

    def __init__(self, path: Path, mark: str) -> None:
        self._path = path
        self._content: dict[str, Any] = {"supervisor": os.getpid(), "mark": mark, "parts": {}}
        self._write()

    def add(self, name: str, pid: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            started = psutil.Process(pid).create_time()
            self._content["parts"][name] = {"pid": pid, "started": started}
            self._write()

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        # A kill in the middle of a write must not lose the pids that were there.
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._content, indent=1))
        fresh.replace(self._path)


@contextlib.contextmanager
def only_supervisor_of(data_dir: Path) -> Iterator[Path]:
    """Yields where the record belongs; raises StartupError while another holds the folder."""
    with (data_dir / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartupError(
                f"Takehome Platform already runs on {data_dir}: stop that one, "
                "or choose another folder with DATA_DIR=/some/folder make run."
            ) from error
        yield data_dir / "run.json"


def end_leftovers(path: Path) -> list[str]:
    """Ends what a killed supervisor left behind, and returns the names of those parts.

    Only what is certainly ours: same pid and same start time, or in the session of that pid with
    our mark in its environment. Workspaces have sessions of their own and are not touched.
    """
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    ended = []
    for name, part in content["parts"].items():
        members = [p for p in psutil.process_iter() if _is_ours(p, part, content["mark"])]
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        # Their ports and files must be free before the next ones want them.
        psutil.wait_procs(members, timeout=3)
        if members:
            ended.append(name)
    return ended


def _is_ours(process: psutil.Process, part: dict[str, Any], mark: str) -> bool:
    try:
        if process.pid == part["pid"]:
            # The clock that tells start times may have been set since, but not by much.
            return abs(process.create_time() - float(part["started"])) < 2
        return os.getsid(process.pid) == int(part["pid"]) and process.environ().get(MARK) == mark
    except (psutil.Error, OSError):
        return False
