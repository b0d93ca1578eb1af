"""The processes of local workspaces: start one, tell whose they are, end them."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

LAUNCHER = Path(__file__).with_name("launcher.py")
MARKER = "TAKEHOME_WORKSPACE"
"""Environment variable that everything started in a workspace inherits: the workspace's folder."""


class StillRunningError(Exception):
    """Processes that SIGKILL did not end."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        super().__init__(processes)
        self.processes = processes

    def __str__(self) -> str:
        return ", ".join(f"process {process.pid}" for process in self.processes)


def launch(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    options: Sequence[str] = (),
) -> int:
    """Start `command` in a session of its own and return its process id.

    `options` are the launcher's (`local_limits`). Its output is appended to `log`. Raises OSError
    or subprocess.SubprocessError.
    """
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        launched = subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCHER), *options, "--", *command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
            timeout=20,
            check=True,
        )
    return int(launched.stdout)


def started_at(pid: int) -> float | None:
    """When the process was created (epoch seconds); None where it is gone or a zombie."""
    try:
        process = psutil.Process(pid)
        return process.create_time() if _runs(process) else None
    except psutil.NoSuchProcess:
        return None


def is_same(pid: int, created: float) -> bool:
    """Whether the process that was created then still runs: a process id alone is used again."""
    found = started_at(pid)
    # The creation time is derived from the machine's clock, which may be set a little meanwhile.
    return found is not None and abs(found - created) < 2


def belonging_to(folder: Path) -> list[psutil.Process]:
    """Every running process of the workspaces in or below `folder`, this one excepted."""
    candidates = [process for process in psutil.process_iter() if _is_mine(process)]
    found = {process.pid for process in candidates if _is_marked(process, folder)}
    parents = {process.pid: _parent(process) for process in candidates}
    size = -1
    while size != len(found):
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return [process for process in candidates if process.pid in found and _runs(process)]


def end_all(folder: Path, patience: float = 3.0) -> None:
    """End every process of the workspaces in or below `folder`, the daemons among them too.

    SIGTERM, then after `patience` seconds SIGKILL, until nothing is left; all at the same time.
    Raises StillRunningError when something is left 2 seconds later.
    """
    deadline = time.monotonic() + patience
    # Looked for again each time round: what is being ended may still start something.
    while processes := belonging_to(folder):
        now = time.monotonic()
        if now > deadline + 2:
            raise StillRunningError(processes)
        for process in processes:
            _send(process, kill=now >= deadline)
        limit = deadline if now < deadline else now + 0.5
        while time.monotonic() < limit and any(_runs(process) for process in processes):
            time.sleep(0.02)


def _send(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        pass  # it ended by itself


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_mine(process: psutil.Process) -> bool:
    try:
        return process.pid != os.getpid() and process.uids().real == os.getuid()
    except psutil.Error:
        return False


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.Error:
        return None


def _is_marked(process: psutil.Process, folder: Path) -> bool:
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        environment = {}
    try:
        # Where the environment was emptied (`env -i`), or cannot be read (macOS hides that of
        # system programs), the working directory tells. Not otherwise: a developer's shell may
        # well stand in a workspace's folder.
        where = environment.get(MARKER) if environment else process.cwd()
    except (psutil.Error, OSError):
        return False
    return where is not None and (where == str(folder) or where.startswith(f"{folder}{os.sep}"))
