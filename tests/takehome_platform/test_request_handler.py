"""A web process that is busy stops when it is asked to."""

import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.web_server import web_server


@pytest.mark.slow
def test_server_exits_while_requests_are_under_way(tmp_path: Path) -> None:
    stopped = threading.Event()

    def ask(port: int) -> None:
        while not stopped.is_set():
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/nothing", timeout=5).close()

    # Leaving the block ends the server, and fails if it does not exit.
    try:
        with web_server("daphne", tmp_path) as port:
            for _ in range(16):
                threading.Thread(target=ask, args=[port], daemon=True).start()
            time.sleep(1)
    finally:
        stopped.set()
