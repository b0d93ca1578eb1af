"""Start and stop one process together with everything that it starts."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

MAX_LOG_BYTES = 10_000_000  # a longer log is renamed at the next start

Process = subprocess.Popen[bytes]


def start_process(
    argv: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path
) -> Process:
    """Start it in a session of its own, so that Ctrl-C in the terminal does not reach it."""
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
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


def stop_processes(processes: Iterable[Process], grace: float) -> None:
    """Send SIGTERM to all of them, wait `grace` seconds in total, then kill what is left."""
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
    """Kill the whole process group, even if its leader is gone and has children left."""
    # macOS reports "not permitted" for a group that has only a zombie left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
