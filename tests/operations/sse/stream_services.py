"""A real redis-server and a real Daphne, which the tests of the stream start, kill and restart."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import redis

from takehome_platform.local_stack.config import LOOPBACK, ROOT, free_port
from tests import services


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.01)


@dataclass
class RedisServer:
    """A redis-server that is empty again after kill() and start()."""

    service: services.Service
    url: str
    client: redis.Redis

    def start(self) -> None:
        self.service.start()

    def kill(self) -> None:
        self.service.kill()


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    with services.redis_server(folder) as service:
        client = redis.Redis(port=service.port, socket_connect_timeout=2, socket_timeout=5)
        yield RedisServer(service, f"redis://{LOOPBACK}:{service.port}/0", client)
        client.close()


class DaphneServer:
    """tests.operations.sse.stream_app under Daphne, in its own process."""

    def __init__(self, redis_url: str, **env: str) -> None:
        self.port = free_port()
        self.origin = f"http://{LOOPBACK}:{self.port}"
        self.env = {**os.environ, "TEST_REDIS_URL": redis_url, "PYTHONPATH": str(ROOT), **env}
        self.env["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        self.start()

    def start(self) -> None:
        app = "tests.operations.sse.stream_app:application"
        self.process = subprocess.Popen(
            # Longer than `terminate` waits, so that a stream which does not end is noticed.
            [
                *(sys.executable, "-m", "daphne", "-v0", "--application-close-timeout", "300"),
                *("-b", LOOPBACK, "-p", str(self.port), app),
            ],
            env=self.env,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        services.wait_until(self._answers, "Daphne did not answer", 60)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.output()
        try:
            return bool(self.stats())
        except OSError:
            return False

    def get(self, path: str) -> bytes:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def stats(self) -> dict[str, int]:
        stats: dict[str, int] = json.loads(self.get("/stats"))
        return stats

    def output(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.read().decode()

    def terminate(self) -> None:
        """Send SIGTERM and wait until the process has ended by itself.

        Raises:
            TimeoutExpired: if it still runs.
        """
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def daphne_server(redis_url: str, **env: str) -> Iterator[DaphneServer]:
    server = DaphneServer(redis_url, **env)
    try:
        yield server
    finally:
        server.kill()


class Listener:
    """A minimal SSE client, which reads message by message."""

    def __init__(
        self, port: int, path: str, headers: dict[str, str] | None = None, timeout: float = 20
    ) -> None:
        self.connection = HTTPConnection(LOOPBACK, port, timeout=timeout)
        self.connection.request("GET", path, headers=headers or {})
        self.response = self.connection.getresponse()

    def next_block(self) -> list[str]:
        """The lines up to the next empty line, or an empty list at the end of the stream."""
        lines: list[str] = []
        while line := self.response.readline().decode():
            if line == "\n":
                return lines
            lines.append(line.rstrip("\n"))
        return []

    def next(self, *names: str) -> dict[str, str]:
        """The next message with one of the names: its id, event and data."""
        while block := self.next_block():
            message = dict(line.split(": ", 1) for line in block if not line.startswith(":"))
            if message.get("event") in names:
                return message
        raise AssertionError("the stream ended")

    def close(self) -> None:
        self.response.close()
        self.connection.close()
