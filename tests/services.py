"""A real Redis and a real DynamoDB-compatible server for tests: on free ports, nothing kept.

`tests/conftest.py` makes both known to every test: `pytest_plugins = ["tests.services"]`. Each
worker of pytest-xdist has its own, started when a test first asks for it.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from takehome_platform.local_stack.config import LOOPBACK, ROOT, free_port
from takehome_platform.local_stack.process import Process, start_process, stop_processes
from takehome_platform.local_stack.services import ServiceSpec, dynamodb_service, redis_service


@dataclass
class Service:
    """A server that a fault test may take away and bring back: same port, empty again."""

    part: ServiceSpec
    port: int
    log: Path
    process: Process | None = None

    @property
    def pid(self) -> int:
        """Only while it runs."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Returns when it answers."""
        self.process = start_process(self.part.argv, os.environ, self.log, ROOT)
        wait_until(self.part.is_ready, f"{self.part.name} did not answer; see {self.log}")

    def kill(self) -> None:
        """As kill -9 does; returns when it is gone."""
        if self.process is not None:
            stop_processes([self.process], grace=0)
            self.process = None


@contextmanager
def redis_server(folder: Path) -> Iterator[Service]:
    """Its address is `redis://127.0.0.1:<port>/0`."""
    with _running(redis_service, folder) as service:
        yield service


@contextmanager
def dynamodb_server(folder: Path, *, on_disk: bool = False) -> Iterator[Service]:
    """Its address is `http://127.0.0.1:<port>`; `on_disk`: it has its rows again after a kill."""
    kept = folder / "dynamodb" if on_disk else None
    with _running(lambda port: dynamodb_service(port, kept), folder) as service:
        yield service


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis that the tests of this worker share."""
    with redis_server(tmp_path_factory.mktemp("redis")) as service:
        yield f"redis://{LOOPBACK}:{service.port}/0"


@pytest.fixture(scope="session")
def dynamodb_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a DynamoDB that the tests of this worker share."""
    with dynamodb_server(tmp_path_factory.mktemp("dynamodb")) as service:
        yield f"http://{LOOPBACK}:{service.port}"


def wait_until(
    condition: Callable[[], object], otherwise: str, seconds: float = 20.0, pause: float = 0.02
) -> None:
    """Returns when the condition holds; fails the test with `otherwise` after `seconds`.

    A condition that costs another process much is asked with a longer pause, in seconds.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(otherwise)
        time.sleep(pause)


@contextmanager
def _running(part_on: Callable[[int], ServiceSpec], folder: Path) -> Iterator[Service]:
    port = free_port()
    part = part_on(port)
    service = Service(part, port, folder / f"{part.name}.log")
    try:
        service.start()
        yield service
    finally:
        service.kill()
