"""A real HTTP server on this machine that records requests and returns a configured response."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOOPBACK = "127.0.0.1"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """One request; the header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


Responder = Callable[["Receiver", BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Responder:
    def respond(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()

    return respond


def silence(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    """Do not respond until the test is over."""
    receiver.over.wait(30)


def trickle(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    """Send an endless header, one letter at a time."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not receiver.over.wait(0.02):
        request.wfile.write(b"a")


def trickling_body(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    """Send status 200 and an endless body, one letter at a time."""
    request.send_response(200)
    request.end_headers()
    while not receiver.over.wait(0.02):
        request.wfile.write(b"a")


def gigabyte(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(1024 * MEGABYTE))
    request.end_headers()
    part = b"a" * MEGABYTE
    for _ in range(1024):
        request.wfile.write(part)
        receiver.megabytes += 1


def broken_off(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


def nonsense(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"220 smtp.example.com ESMTP\r\n\r\n")


class Receiver:
    """Listens inside its `with` block; a test may change `answer` at any time."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.answer: Responder = status(200)
        self.megabytes = 0
        self.over = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(self.path, headers, body))
                with contextlib.suppress(OSError):
                    receiver.answer(receiver, self)

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = False

            def handle_error(self, *_: Any) -> None:
                """Ignore clients that disconnect: the tests cause that on purpose."""

        self._server = Server((LOOPBACK, 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/in?key=1"

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def unused_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def seconds(work: Callable[[], Any]) -> float:
    """Return how many seconds a call takes."""
    started_at = time.monotonic()
    work()
    return time.monotonic() - started_at
