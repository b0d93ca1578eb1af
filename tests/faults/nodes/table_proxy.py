"""A proxy between the processes of the platform and the table server, which a test switches.

A fault may answer in the server's place, keep the server's answer from the client, or hold it up.
Without one, everything passes.
"""

import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from takehome_platform.local_stack.config import LOOPBACK

WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
# Closing a socket with these resets the connection, in place of ending it.
RESET = struct.pack("ii", 1, 0)
# Longer than any client waits: a server that answers late has answered.
SERVER_TIMEOUT = 60  # seconds


class Exchange:
    """One request of a client, and what the server answers."""

    def __init__(self, handler: BaseHTTPRequestHandler, proxy: "TableProxy") -> None:
        self._handler = handler
        self._proxy = proxy
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        self.operation = handler.headers.get("X-Amz-Target", "").rpartition(".")[2]

    @property
    def is_write(self) -> bool:
        return self.operation in WRITES

    @property
    def is_conditional(self) -> bool:
        return self.is_write and "ConditionExpression" in json.loads(self.body)

    def forward(self) -> tuple[int, dict[str, str], bytes]:
        """Let the server carry it out; the status, headers and body of its answer."""
        server = HTTPConnection(LOOPBACK, self._proxy.target_port, timeout=SERVER_TIMEOUT)
        try:
            headers = {**self._handler.headers, "Connection": "close"}
            server.request(self._handler.command, self._handler.path, self.body, headers)
            answer = server.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            server.close()

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        own = {"connection", "content-length", "date", "keep-alive", "transfer-encoding"}
        self._handler.send_response(status)
        for name, value in headers.items():
            if name.lower() not in own:
                self._handler.send_header(name, value)
        self._handler.send_header("Content-Length", str(len(body)))
        self._handler.end_headers()
        self._handler.wfile.write(body)

    def refuse(self, status: int, code: str) -> None:
        """Answer as DynamoDB does that refuses, and do nothing."""
        error = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "Slow down."}
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        self.answer(status, headers, json.dumps(error).encode())

    def reset(self) -> None:
        """End the connection without an answer, as one does whose other end is gone."""
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._handler.close_connection = True
        # `close` would only end it once the handler's files are closed, too, and say so politely.
        self._handler.wfile.close()
        self._handler.rfile.close()
        connection.close()

    def wait(self, seconds: float | None = None) -> None:
        """Hold it up, at most until the fault is over."""
        self._proxy.over.wait(seconds)


@dataclass(frozen=True)
class Fault:
    """What happens to a share of the exchanges that it picks."""

    make: Callable[[Exchange], None]
    share: float = 1.0
    picks: Callable[[Exchange], bool] = lambda exchange: True


class TableProxy:
    """Listens inside its `with` block."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.fault: Fault | None = None
        self.over = threading.Event()
        self._chance = random.Random()
        # How often the fault of the last `failing` was made.
        self.made = 0
        self._counting = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                proxy._pass(Exchange(self, proxy))

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None:
                """Ignore clients that disconnect: a killed one does, and one that waited enough."""

        self._server = Server((LOOPBACK, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> "TableProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _pass(self, exchange: Exchange) -> None:
        fault = self.fault
        is_met = fault is not None and fault.picks(exchange)
        if fault is None or not is_met or self._chance.random() >= fault.share:
            exchange.answer(*exchange.forward())
            return
        with self._counting:
            self.made += 1
        fault.make(exchange)

    @contextmanager
    def failing(self, fault: Fault) -> Iterator[None]:
        """The fault is made until the end of the block, and at least once."""
        self.made = 0
        self.over.clear()
        self.fault = fault
        try:
            yield
        finally:
            self.fault = None
            self.over.set()
        assert self.made, "no request met the fault"


def slow(seconds: float) -> Fault:
    """Each answer comes so much later."""

    def make(exchange: Exchange) -> None:
        answer = exchange.forward()
        exchange.wait(seconds)
        exchange.answer(*answer)

    return Fault(make)


def refused(
    *answers: tuple[int, str],
    share: float = 1.0,
    picks: Callable[[Exchange], bool] = lambda exchange: True,
) -> Fault:
    """Refused with one of these statuses and codes, and not carried out."""
    return Fault(lambda exchange: exchange.refuse(*random.choice(answers)), share, picks)


def answer_lost(*, share: float) -> Fault:
    """Writes are carried out, and the connection is gone before the answer."""

    def make(exchange: Exchange) -> None:
        exchange.forward()
        exchange.reset()

    return Fault(make, share, is_write)


def no_write_answered() -> Fault:
    """Writes are carried out, and not answered as long as the fault lasts."""

    def make(exchange: Exchange) -> None:
        exchange.forward()
        exchange.wait()
        exchange.reset()

    return Fault(make, picks=is_write)


def is_write(exchange: Exchange) -> bool:
    return exchange.is_write


def is_conditional(exchange: Exchange) -> bool:
    return exchange.is_conditional
