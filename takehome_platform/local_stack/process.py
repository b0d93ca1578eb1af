"""Starting and ending one process together with everything that it starts."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

LOG_LIMIT = 10_000_000  # bytes; a longer log is put aside at the next start

Process = subprocess.Popen[bytes]


def start(argv: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path) -> Process:
    """In a session of its own: a Ctrl-C in the terminal reaches only who started it."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )


def end(processes: Iterable[Process], grace: float) -> None:
    """Asks all of them at once, waits `grace` seconds in all, then kills what is left of each."""
    processes = list(processes)
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    deadline = time.monotonic() + grace
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in processes:
        kill_group(process.pid)
        process.wait()


def kill_group(leader: int) -> None:
    """Kills the session's members too when their leader is gone: beat is a child of the worker."""
    # macOS answers "not permitted" for a group of which only a zombie is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
