"""Requests share threads, streams end with their client, and a busy web process stops."""

import asyncio
import threading
import time
import urllib.request
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.http import StreamingHttpResponse

from takehome_platform.request_handler import ThreadHandler
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


SCOPE = {"type": "http", "method": "GET", "path": "/healthz", "headers": [], "query_string": b""}


async def body() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def test_one_thread_answers_one_request_after_the_other() -> None:
    handler = ThreadHandler()
    handler._threads = ThreadPoolExecutor(1)
    threads: list[tuple[str, threading.Thread]] = []
    sent: list[dict[str, Any]] = []

    def note(name: str) -> Any:
        return lambda **_: threads.append((name, threading.current_thread()))

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def ask_twice() -> None:
        for _ in range(2):
            await handler(SCOPE, body, send)

    started, finished = note("started"), note("finished")
    request_started.connect(started, sender=ThreadHandler)
    request_finished.connect(finished, sender=ThreadHandler)
    try:
        asyncio.run(ask_twice())
    finally:
        request_started.disconnect(started, sender=ThreadHandler)
        request_finished.disconnect(finished, sender=ThreadHandler)
    assert [name for name, _ in threads] == ["started", "finished"] * 2
    assert len({thread for _, thread in threads}) == 1
    assert threads[0][1] is not threading.current_thread()
    assert [each.get("status") for each in sent] == [200, None, 200, None]


class Stream:
    """A response whose chunks never end, unless one fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.is_closed = error, False
        self.response: Any = StreamingHttpResponse(self.chunks())
        self.response._resource_closers.append(self.close)  # type: ignore[attr-defined]

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            yield b"some"
            await asyncio.sleep(0)
            if self.error is not None:
                raise self.error

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.django_db
def test_stream_ends_when_its_client_is_gone() -> None:
    stream, sent = Stream(), asyncio.Event()

    async def client_leaves() -> dict[str, Any]:
        await sent.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            sent.set()

    asyncio.run(ThreadHandler()._send_stream(stream.response, client_leaves, send))
    assert sent.is_set()
    assert stream.is_closed


@pytest.mark.django_db
def test_error_in_a_stream_reaches_the_server() -> None:
    """It cuts the answer off, so that a browser shows a failed download."""
    stream = Stream(OSError("the store is away"))

    async def client_stays() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        pass

    with pytest.raises(OSError, match="the store is away"):
        asyncio.run(ThreadHandler()._send_stream(stream.response, client_stays, send))
    assert stream.is_closed
