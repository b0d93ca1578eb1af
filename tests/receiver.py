"""A real HTTP server on this machine, which keeps what it is sent and answers as it is told."""

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
    """One request. Names of headers in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[["Receiver", BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Answer:
    def answer(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()

    return answer


def silence(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    """Nothing, until the test is over."""
    receiver.over.wait(30)


def trickle(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    """A header that goes on and on, one letter after the other."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not receiver.over.wait(0.02):
        request.wfile.write(b"a")


def trickling_body(receiver: "Receiver", request: BaseHTTPRequestHandler) -> None:
    """200, and then an answer that goes on and on."""
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
    """Listens while it is entered. `answer` may be changed at any moment."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.answer: Answer = status(200)
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
                """Tests are quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = False

            def handle_error(self, *_: Any) -> None:
                """Whoever hangs up is what these tests are about."""

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
    """One that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def seconds(work: Callable[[], Any]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
