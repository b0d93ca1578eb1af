"""The health checks of an editor, also against servers that are slow or not HTTP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from operations.provisioners import health_probe


@contextmanager
def server(*answer: bytes, pause: float = 0.0, sent: list[bytes] | None = None) -> Iterator[int]:
    """Run a server that sends these parts, with a pause in seconds after each, and notes them."""
    done = threading.Event()
    noted = [] if sent is None else sent

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            for part in answer:
                try:
                    connection.sendall(part)
                except OSError:
                    return
                noted.append(part)
                if done.wait(pause):
                    return
            if pause:
                done.wait(5)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=[listening])
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.0 200\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\n\r\n", False),
        (b"HTTP/1.1 2000\r\n\r\n", False),
        (b"SSH-2.0-x\r\n", False),
        (b"", False),
        (b"x" * 10_000, False),
    ],
)
def test_only_status_200_is_healthy(answer: bytes, expected: bool) -> None:
    with server(answer) as port:
        assert health_probe.is_answering("127.0.0.1", port, "/healthz") is expected


def test_refused_connection_is_unhealthy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert health_probe.is_answering("127.0.0.1", port, "/healthz") is False


def test_slow_response_times_out(monkeypatch: Any) -> None:
    monkeypatch.setattr(health_probe, "TIMEOUT_SECONDS", 0.5)
    sent: list[bytes] = []
    # Each byte comes in time, and all of them together would take 13 seconds.
    with server(*[b"H"] * health_probe.STATUS_LINE_BYTES, pause=0.2, sent=sent) as port:
        assert health_probe.is_answering("127.0.0.1", port, "/healthz") is False
        assert len(sent) < health_probe.STATUS_LINE_BYTES


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([b"HTTP/1.1 200 OK\r\n\r\n<p>", b"Login rate lim", b"ited!</p>"], True),
        ([b"HTTP/1.1 200 OK\r\n\r\n<p>Missing password</p>"], False),
        ([b"HTTP/1.1 404 Not Found\r\n\r\n"], False),
        # The program there may be the candidate's: only so much is read.
        ([b"x" * health_probe.PAGE_BYTES, b"Login rate limited!"], False),
        ([b""], False),
    ],
)
def test_editor_that_refuses_every_sign_in_is_found(answer: list[bytes], expected: bool) -> None:
    with server(*answer) as port:
        assert health_probe.is_sign_in_refused("127.0.0.1", port) is expected


def test_what_comes_in_pieces_is_read_no_further() -> None:
    answer = [b"x" * (health_probe.PAGE_BYTES - 1), b"xLogin rate limited!"]
    with server(*answer, pause=0.2) as port:
        assert health_probe.is_sign_in_refused("127.0.0.1", port) is False
