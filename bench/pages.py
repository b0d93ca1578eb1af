"""Measure what pages cost: `python -m bench.pages --rows 50`.

It starts the platform as `make run` does, creates tests, and asks for each page in turn, beside an
empty Django view in a Daphne of its own: the processor time of the web process for each answer, the
bytes on the wire, and the ratio to the empty view. `--tree` measures another checkout of the
platform in the same run. 200 rows and 2,000 requests at most.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import requests

from bench.start_times import Platform
from takehome_platform.local_stack.config import ROOT, free_port

MAX_ROWS, MAX_REQUESTS = 200, 2_000
ROUNDS = 5
EMPTY = """
from django.conf import settings
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="for-the-bench-only")
import django
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path
async def empty(request):
    return HttpResponse(b"")
urlpatterns = [path("", empty)]
application = get_asgi_application()
"""


class Web:
    """A web process, and a browser's session with it."""

    def __init__(self, origin: str, process: psutil.Process) -> None:
        self.origin, self.process = origin, process
        self.session = requests.Session()

    def processor_ms(self, path: str, times: int) -> float:
        """Milliseconds of processor time of the web process for each of so many answers."""
        before = self._cpu()
        for _ in range(times):
            self.session.get(self.origin + path, timeout=60).raise_for_status()
        return (self._cpu() - before) * 1000 / times

    def wire_bytes(self, path: str) -> int:
        """The bytes of the body as they are sent to a browser."""
        with self.session.get(self.origin + path, stream=True, timeout=60) as response:
            return len(response.raw.read(decode_content=False))

    def _cpu(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def empty_view() -> Iterator[Web]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(EMPTY)
        command = [sys.executable, "-m", "daphne", "-p", str(port), "-v", "0", "empty:application"]
        process = subprocess.Popen(command, cwd=folder)
        try:
            web = Web(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
            _wait_for(web, "/")
            yield web
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def platform_of(tree: Path, rows: int) -> Iterator[tuple[Web, dict[str, str]]]:
    """The web process of a checkout with so many invited candidates, and its pages by name."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(tree, Path(folder), "none")
        platform.start()
        try:
            invitation = {"challenge": "room-booking", "durationMinutes": 60}
            created = [
                platform.call(
                    "POST", "/api/takehome", invitation | {"candidateName": f"Candidate {number}"}
                )["interview"]
                for number in range(rows)
            ]
            web = Web(f"http://127.0.0.1:{platform.port}", _web_process(platform))
            _sign_in(web)
            interview, passcode = created[-1]["id"], created[-1]["passcode"]
            yield (
                web,
                {
                    "candidate's page": f"/take-home/{passcode}/",
                    "API by passcode": f"/api/interviews/by-passcode/{passcode}",
                    "dashboard": "/",
                    "one row": f"/interviews/{interview}/row/",
                    "interview's page": f"/interviews/{interview}/",
                    "history": "/history/",
                    "API list": "/api/interviews",
                },
            )
        finally:
            platform.stop()


def _web_process(platform: Platform) -> psutil.Process:
    parts = json.loads((platform.folder / "run.json").read_text())["parts"]
    return psutil.Process(parts["web"]["pid"])


def _sign_in(web: Web) -> None:
    address = f"{web.origin}/login/"
    web.session.get(address, timeout=30)
    form = {"username": "admin", "password": "for-the-bench-only"}
    token = web.session.cookies["csrftoken"]
    web.session.post(address, form | {"csrfmiddlewaretoken": token}, timeout=30).raise_for_status()


def _wait_for(web: Web, path: str) -> None:
    for _ in range(200):
        try:
            web.session.get(web.origin + path, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the empty view did not start")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50, help=f"up to {MAX_ROWS}")
    parser.add_argument("--requests", type=int, default=100, help=f"a page, up to {MAX_REQUESTS}")
    parser.add_argument("--tree", type=Path, help="another checkout, measured in the same run")
    arguments = parser.parse_args()
    rows, requested = min(arguments.rows, MAX_ROWS), min(arguments.requests, MAX_REQUESTS)
    each = max(1, requested // ROUNDS)
    trees = {"this": ROOT} | ({"other": arguments.tree.resolve()} if arguments.tree else {})
    with ExitStack() as stack:
        empty = stack.enter_context(empty_view())
        webs = {name: stack.enter_context(platform_of(tree, rows)) for name, tree in trees.items()}
        costs: dict[tuple[str, str], list[float]] = {}
        for number in range(ROUNDS + 1):
            rounds = {("", "empty view"): empty.processor_ms("/", each * 4)}
            for name, (web, pages) in webs.items():
                for page, path in pages.items():
                    rounds[name, page] = web.processor_ms(path, each)
            # The first one fills caches.
            for key, cost in rounds.items() if number else ():
                costs.setdefault(key, []).append(cost)
        base = statistics.median(costs["", "empty view"])
        print(f"{'page':<18} {'tree':<6} {'CPU ms':>8} {'of empty':>9} {'KB':>7}")
        print(f"{'empty view':<18} {'':<6} {base:8.2f} {1:8.1f}x")
        for (name, page), found in sorted(costs.items(), key=lambda each: each[0][::-1]):
            if not name:
                continue
            web, pages = webs[name]
            cost, size = statistics.median(found), web.wire_bytes(pages[page]) / 1000
            print(f"{page:<18} {name:<6} {cost:8.2f} {cost / base:8.1f}x {size:7.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
