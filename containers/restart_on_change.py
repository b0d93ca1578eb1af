"""`restart_on_change.py COMMAND...`: run the command, and restart it when the code changes.

For a developer's worker; the web process has a reloader of its own. It polls once a second, because
change notifications of the host's disk do not reach every container.
"""

import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("takehome_platform", "dashboard", "candidate_portal", "operations", "interviews")
STOP_TIMEOUT = 10.0  # seconds for the command to exit by itself


def code_state(root: Path = ROOT) -> tuple[int, int]:
    """The number of code files, and the latest modification time in nanoseconds."""
    times = [path.stat().st_mtime_ns for app in CODE for path in (root / app).rglob("*.py")]
    return len(times), max(times, default=0)


def stop_process(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(command: list[str]) -> None:
    stop_requested = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop_requested.set())
    while not stop_requested.is_set():
        state = code_state()
        process = subprocess.Popen(command)
        try:
            # A command that exited by itself, as after a syntax error, waits for the next change.
            while code_state() == state and not stop_requested.wait(1):
                pass
        finally:
            stop_process(process)


if __name__ == "__main__":
    main(sys.argv[1:])
