"""Measure starts on the local engine: `python -m bench.start_times --starts 20`.

It runs the platform as `make run` does, with an editor that answers at once, and starts one test
after the other: the seconds from the candidate's click until the test is active, and the memory of
the platform's processes. 100 starts at most. `--tree` measures another checkout of the platform.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from takehome_platform.local_stack.config import ROOT, free_port

MAX_STARTS = 100
POLL_SECONDS = 0.02
EDITOR = ROOT / "tests" / "operations" / "provisioners" / "plain_editor.py"


class Platform:
    """One `make run`, and a client of its API."""

    def __init__(self, tree: Path, folder: Path, editor: str) -> None:
        self.tree, self.folder, self.port = tree, folder, free_port()
        self.environment = {
            **os.environ,
            "PORT": str(self.port),
            "DATA_DIR": str(folder),
            "ADMIN_PASSWORD": "for-the-bench-only",
            "CODE_SERVER": editor,
            "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
        }
        self.token = ""

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "takehome_platform.local_stack"],
            cwd=self.tree,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        print("platform:", self.process.stdout.readline().split()[0])
        command = [sys.executable, "manage.py", "create_api_token", "bench"]
        command += ["--role", "Administrator"]
        environment = self.environment | {"DEBUG": "true", "SECRET_KEY": "x" * 50}
        output = subprocess.check_output(command, cwd=self.tree, env=environment, text=True)
        self.token = output.split()[-1]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def measure_start(self) -> float:
        """Seconds from the activation until the interview is active; it is ended afterwards."""
        invitation = {"candidateName": "Bench", "challenge": "room-booking"}
        body = self.call("POST", "/api/takehome", invitation | {"durationMinutes": 60})
        interview = body["interview"]
        path, passcode = f"/api/interviews/{interview['id']}", interview["passcode"]
        began = time.perf_counter()
        self.call("POST", f"{path}/activate", {"passcode": passcode})
        page = f"/api/interviews/by-passcode/{passcode}"
        while (status := self.call("GET", page)["status"]) != "active":
            assert status in ("activated", "initializing", "configuring"), status
            time.sleep(POLL_SECONDS)
        took = time.perf_counter() - began
        self.call("POST", f"{path}/destroy", {"save": False})
        return took

    def memory(self) -> dict[str, float]:
        """MiB of each service, with its children."""
        parts = json.loads((self.folder / "run.json").read_text())["parts"]
        found = {}
        for name, part in parts.items():
            if psutil.pid_exists(part["pid"]):
                process = psutil.Process(part["pid"])
                family = [process, *process.children(recursive=True)]
                found[name] = sum(each.memory_full_info().uss for each in family) / 2**20
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--tree", type=Path, default=ROOT)
    parser.add_argument("--jupyter", action="store_true", help="JupyterLab instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        editor = Path(shutil.copy(EDITOR, folder))
        editor.chmod(0o755)
        platform = Platform(asked.tree, Path(folder), "none" if asked.jupyter else str(editor))
        try:
            platform.start()
            platform.measure_start()  # the first one imports
            count = min(asked.starts, MAX_STARTS)
            seconds = sorted(platform.measure_start() for _ in range(count))
            slow = seconds[int(len(seconds) * 0.9)]
            print(f"start: median {statistics.median(seconds):.3f} s, p90 {slow:.3f} s")
            for name, mebibytes in platform.memory().items():
                print(f"memory: {name} {mebibytes:.0f} MiB")
        finally:
            platform.stop()


if __name__ == "__main__":
    main()
