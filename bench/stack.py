"""One `make run` of any checkout, and the processor time and memory of its parts."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import requests

from takehome_platform.local_stack.config import ROOT, free_port

PASSWORD = "for-the-bench-only"
TIMED_ENGINE = ROOT / "bench" / "engine"
MEGABYTE = 2**20


class Stack:
    """The processes of `make run` on a folder, and a client of its API."""

    def __init__(
        self,
        folder: Path,
        *,
        tree: Path = ROOT,
        code_server: str = "none",
        engine_seconds: float | None = None,
        meter_url: str = "",
    ) -> None:
        """With `engine_seconds` its workspaces answer after that time, and are none; then its
        tables may be behind a meter."""
        self.tree, self.folder, self.port = tree, folder, free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "PORT": str(self.port),
            "DATA_DIR": str(folder),
            "ADMIN_PASSWORD": PASSWORD,
            "CODE_SERVER": code_server,
            "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
            # One machine stands for all people.
            "STREAMS_PER_ADDRESS": "0",
        }
        self._module = "takehome_platform.local_stack"
        if engine_seconds is not None:
            self._module = "timed_stack"
            self.environment["TIMED_ENGINE_SECONDS"] = str(engine_seconds)
            self.environment["METER_URL"] = meter_url
            self.environment["PYTHONPATH"] = os.pathsep.join([str(TIMED_ENGINE), str(tree)])
        self._process: subprocess.Popen[str] | None = None
        self._token = ""

    def start(self) -> float:
        """Returns the seconds until it is ready."""
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            cwd=self.tree,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise SystemExit(f"The platform of {self.tree} did not start; see above.")
        return time.perf_counter() - began

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def python(self, code: str, *arguments: str) -> subprocess.Popen[str]:
        """A program on the platform's data, with Django set up, and pipes to talk to it."""
        parts = self._parts()
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
        with psutil.Process(parts["web"]["pid"]).oneshot():
            environment = psutil.Process(parts["web"]["pid"]).environ()
        return subprocess.Popen(
            command,
            cwd=self.tree,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def token(self) -> str:
        """An API token of an administrator."""
        if not self._token:
            command = [sys.executable, "manage.py", "create_api_token", "bench"]
            command += ["--role", "Administrator"]
            environment = self.environment | {"DEBUG": "true", "SECRET_KEY": "x" * 50}
            # What it says to people goes to stderr.
            output = subprocess.check_output(
                command, cwd=self.tree, env=environment, text=True, stderr=subprocess.DEVNULL
            )
            self._token = output.split()[-1]
        return self._token

    def signed_in(self) -> requests.Session:
        """A browser's session of the administrator."""
        session = requests.Session()
        address = f"{self.origin}/login/"
        session.get(address, timeout=30)
        form = {"username": "admin", "password": PASSWORD}
        form["csrfmiddlewaretoken"] = session.cookies["csrftoken"]
        session.post(address, form, timeout=30).raise_for_status()
        return session

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            self.origin + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def invite(self, number: int) -> list[dict[str, Any]]:
        """So many invited candidates, as the API describes them."""
        invitation = {"challenge": "room-booking", "durationMinutes": 60}
        return [
            self.call("POST", "/api/takehome", invitation | {"candidateName": f"Candidate {each}"})[
                "interview"
            ]
            for each in range(number)
        ]

    def confirmation(self, interview: dict[str, Any]) -> dict[str, str]:
        """What the candidate sends with the start: that they know what is allowed."""
        shown = self.call("GET", f"/api/interviews/by-passcode/{interview['passcode']}")
        return {"confirmedPolicy": shown["policy"]["id"]} if shown.get("policy") else {}

    def press_start(self, interview: dict[str, Any], confirmation: dict[str, str]) -> None:
        body = {"passcode": interview["passcode"]} | confirmation
        self.call("POST", f"/api/interviews/{interview['id']}/activate", body)

    def processes(self) -> dict[str, psutil.Process]:
        """The running parts by name, and the supervisor itself."""
        assert self._process is not None
        found = {"supervisor": psutil.Process(self._process.pid)}
        for name, part in self._parts().items():
            if psutil.pid_exists(part["pid"]):
                found[name] = psutil.Process(part["pid"])
        return found

    def processor_seconds(self) -> dict[str, float]:
        """What each part used so far, without what its ended children used."""
        return {
            name: sum(each.cpu_times()[:2]) if name != "supervisor" else 0.0
            for name, each in self.processes().items()
        }

    def memory(self) -> dict[str, float]:
        """Megabytes of each part with its children: what is shared counts by its share (PSS)."""
        found = {}
        for name, process in self.processes().items():
            family = [process] if name == "supervisor" else _family(process)
            found[name] = sum(memory_of(each) for each in family)
        return found

    def _parts(self) -> dict[str, dict[str, int]]:
        parts: dict[str, dict[str, int]]
        parts = json.loads((self.folder / "run.json").read_text())["parts"]
        return parts


def memory_of(process: psutil.Process) -> float:
    """Megabytes of one process: its share of what it has in common with others (PSS) on Linux, what
    is its own (USS) elsewhere."""
    info = process.memory_full_info()
    return float(getattr(info, "pss", info.uss)) / MEGABYTE


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


@contextmanager
def running(**options: Any) -> Iterator[Stack]:
    """A new platform that is ready, in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), **options)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()
