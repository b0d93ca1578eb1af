"""Measure starts on the local engine: `python -m bench.starts`.

It runs the platform as `make run` does, twice on one folder, with an editor that answers at once,
and starts one test after the other: the seconds from the candidate's click until it is active.
100 starts at most. `--tree` measures another checkout of the platform.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import HEADER, Bar, Figure, percentile, row, spread
from bench.stack import Stack
from takehome_platform.local_stack.config import ROOT, free_port
from takehome_platform.local_stack.services import http_responds

MAX_STARTS = 100
POLL_SECONDS = 0.02
EDITOR = ROOT / "tests" / "operations" / "provisioners" / "plain_editor.py"


def measure(quick: bool, *, starts: int = 20, tree: Path = ROOT) -> Iterator[Figure]:
    starts = 2 if quick else min(starts, MAX_STARTS)
    with tempfile.TemporaryDirectory() as folder:
        editor = Path(shutil.copy(EDITOR, folder))
        editor.chmod(0o755)
        stack = Stack(Path(folder), tree=tree, code_server=str(editor))
        try:
            first = stack.start()
            yield Figure("`make run` until ready, first time", first, "s")
            again = []
            for _ in range(1 if quick else 3):
                stack.stop()
                again.append(stack.start())
            note = f"{spread(again)} s"
            yield Figure(
                "`make run` until ready, later", statistics.median(again), "s", Bar(5), note
            )
            _seconds_of_start(stack)  # the first one imports
            seconds = [_seconds_of_start(stack) for _ in range(starts)]
            alone = statistics.median(_seconds_of_editor(editor) for _ in range(5))
            note = (
                f"{statistics.median(seconds):.2f} s with the editor's own {alone:.2f} s; "
                f"p90 {percentile(seconds, 0.9):.2f} s"
            )
            own = statistics.median(seconds) - alone
            yield Figure("click to active, the platform's own share", own, "s", Bar(0.3), note)
        finally:
            stack.stop()


def _seconds_of_start(stack: Stack) -> float:
    """Seconds from the activation until the interview is active; it is ended afterwards."""
    [interview] = stack.invite(1)
    path, passcode = f"/api/interviews/{interview['id']}", interview["passcode"]
    confirmation = stack.confirmation(interview)
    began = time.perf_counter()
    stack.press_start(interview, confirmation)
    page = f"/api/interviews/by-passcode/{passcode}"
    while (status := stack.call("GET", page)["status"]) != "active":
        assert status in ("activated", "initializing", "configuring"), status
        time.sleep(POLL_SECONDS)
    took = time.perf_counter() - began
    stack.call("POST", f"{path}/destroy", {"save": False})
    return took


def _seconds_of_editor(editor: Path) -> float:
    """Seconds from the start of the editor's process until it answers, without the platform."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(json.dumps({"bind-addr": f"127.0.0.1:{port}"}))
        began = time.perf_counter()
        process = subprocess.Popen([editor, "--config", config, f"{folder}/files"])
        try:
            while not http_responds(f"http://127.0.0.1:{port}/healthz"):
                if process.poll() is not None:
                    raise SystemExit("the editor of the bench did not start")
                time.sleep(0.005)
            return time.perf_counter() - began
        finally:
            process.kill()
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--tree", type=Path, default=ROOT)
    asked = parser.parse_args()
    print(HEADER)
    for figure in measure(quick=False, starts=asked.starts, tree=asked.tree.resolve()):
        print(row(figure), flush=True)


if __name__ == "__main__":
    main()
