"""Start, find and end the processes of local workspaces."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

LAUNCHER = Path(__file__).with_name("launcher.py")
MARKER = "TAKEHOME_WORKSPACE"
"""The environment variable with the workspace's folder, which all its processes inherit."""


class StillRunningError(Exception):
    """Processes that SIGKILL did not end."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        super().__init__(processes)
        self.processes = processes

    def __str__(self) -> str:
        return ", ".join(f"process {process.pid}" for process in self.processes)


def launch_process(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    options: Sequence[str] = (),
) -> int:
    """Start `command` in its own session and return its process id.

    `options` are passed to the launcher (see `resource_limits`). Output is appended to `log`.

    Raises:
        OSError: if `log` or the launcher cannot be opened.
        subprocess.SubprocessError: if the command does not start within 20 seconds.
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
    """Return when the process was created (epoch seconds), or None if it is gone or a zombie."""
    try:
        process = psutil.Process(pid)
        return process.create_time() if _is_alive(process) else None
    except psutil.NoSuchProcess:
        return None


def is_same_process(pid: int, created: float) -> bool:
    """Return whether the process with this creation time still runs; systems reuse process ids."""
    current = started_at(pid)
    # The creation time depends on the system clock, which may have been adjusted slightly since.
    return current is not None and abs(current - created) < 2


def workspace_processes(folder: Path) -> list[psutil.Process]:
    """Return every running process of the workspaces in or below `folder`, except this one."""
    candidates = [process for process in psutil.process_iter() if _is_own_process(process)]
    pids = {process.pid for process in candidates if _is_marked(process, folder)}
    parents = {process.pid: _parent(process) for process in candidates}
    size = -1
    while size != len(pids):
        size = len(pids)
        pids |= {pid for pid, parent in parents.items() if parent in pids}
    return [process for process in candidates if process.pid in pids and _is_alive(process)]


def end_processes(folder: Path, grace_seconds: float = 3.0) -> None:
    """End every process of the workspaces in or below `folder`, including daemons.

    Sends SIGTERM to all at once, and SIGKILL to those left after `grace_seconds`.

    Raises:
        StillRunningError: if processes are left 2 seconds after the first SIGKILL.
    """
    deadline = time.monotonic() + grace_seconds
    # Search again in each round: a process that is ending may still start others.
    while processes := workspace_processes(folder):
        now = time.monotonic()
        if now > deadline + 2:
            raise StillRunningError(processes)
        for process in processes:
            _send_signal(process, kill=now >= deadline)
        limit = deadline if now < deadline else now + 0.5
        while time.monotonic() < limit and any(_is_alive(process) for process in processes):
            time.sleep(0.02)


def _send_signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        pass


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_own_process(process: psutil.Process) -> bool:
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
        # If the environment is empty (`env -i`) or unreadable (macOS hides that of system
        # programs), use the working directory. Not otherwise: a developer's shell may be in a
        # workspace's folder.
        path = environment.get(MARKER) if environment else process.cwd()
    except (psutil.Error, OSError):
        return False
    return path is not None and (path == str(folder) or path.startswith(f"{folder}{os.sep}"))
