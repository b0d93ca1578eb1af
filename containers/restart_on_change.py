"""`restart_on_change.py COMMAND...` runs a command, and restarts it when the code changes.

It is for a developer's worker; the web process has its own reloader. It polls once a second,
because change notifications from the host's disk do not reach every container.
"""

import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("takehome_platform", "dashboard", "candidate_portal", "operations", "interviews")
# How long the command may take to end after SIGTERM.
GRACE_SECONDS = 10.0


def code_version(root: Path = ROOT) -> tuple[int, int]:
    """Return the number of code files and the latest modification time in nanoseconds."""
    times = [path.stat().st_mtime_ns for app in CODE for path in (root / app).rglob("*.py")]
    return len(times), max(times, default=0)


def stop_process(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(command: list[str]) -> None:
    is_stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: is_stopping.set())
    while not is_stopping.is_set():
        started_version = code_version()
        process = subprocess.Popen(command)
        try:
            # If the command ends by itself, such as after a syntax error, wait for the next change.
            while code_version() == started_version and not is_stopping.wait(1):
                pass
        finally:
            stop_process(process)


if __name__ == "__main__":
    main(sys.argv[1:])
