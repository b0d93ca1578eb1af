"""`restart_on_change.py COMMAND...`: runs it, and again when the code has changed.

For a developer's worker; the web process has a reloader of its own. It looks once a second, since
the news of a change on a host's disk does not reach every container.
"""

import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("takehome_platform", "dashboard", "candidate_portal", "operations", "interviews")
GRACE = 10.0  # seconds that the command has to end by itself


def newest(root: Path = ROOT) -> tuple[int, int]:
    """How many files of code there are, and the last change of one in nanoseconds."""
    times = [path.stat().st_mtime_ns for app in CODE for path in (root / app).rglob("*.py")]
    return len(times), max(times, default=0)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(command: list[str]) -> None:
    is_over = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: is_over.set())
    while not is_over.is_set():
        seen = newest()
        process = subprocess.Popen(command)
        try:
            # A command that ended by itself, over a mistake in the code, waits for the next change.
            while newest() == seen and not is_over.wait(1):
                pass
        finally:
            end(process)


if __name__ == "__main__":
    main(sys.argv[1:])
