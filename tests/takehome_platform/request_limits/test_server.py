"""What a connection does with its clock: slow requests end, and streams do not."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from takehome_platform.request_limits import server
from takehome_platform.request_limits.body_sizes import MAX_BODY_BYTES, UPLOAD_PATHS

UPLOAD = (
    b"POST /new-challenge/ HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
)


class Application:
    """Stands for Daphne's server: records the requests, and answers none."""

    proxy_forwarded_address_header: str | None = None
    proxy_forwarded_port_header = None
    proxy_forwarded_proto_header = None
    root_path = ""
    server_name = ""
    request_buffer_size = 8192

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def create_application(self, request: Any, scope: dict[str, Any]) -> Any:
        self.scopes.append(scope)
        return self.queue

    def log_action(self, *_: Any) -> None: ...

    def protocol_connected(self, request: Any) -> None: ...

    def protocol_disconnected(self, request: Any) -> None: ...


class Transport(StringTransport):  # type: ignore[misc]
    half_closed = False

    def loseWriteConnection(self) -> None:
        self.half_closed = True

    def abortConnection(self) -> None:
        super().abortConnection()
        self.disconnected = True


class Connection:
    """A client's connection, with a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.application = Application()
        self.transport = Transport()
        self.channel: Any = server.BoundedFactory(self.application).buildProtocol(None)
        self.channel.callLater = self.clock.callLater
        self.channel.makeConnection(self.transport)

    def send(self, data: bytes) -> None:
        self.channel.dataReceived(data)

    def trickle(self, seconds: int, data: bytes) -> None:
        """Send the data once a second."""
        for _ in range(seconds):
            if self.is_closed:
                return
            self.send(data)
            self.clock.advance(1)

    @property
    def is_closed(self) -> bool:
        return bool(self.transport.disconnecting)

    @property
    def answer(self) -> bytes:
        return bytes(self.transport.value())

    def lengths(self) -> list[bytes]:
        """The Content-Length of each request that the application was asked."""
        return [dict(scope["headers"])[b"content-length"] for scope in self.application.scopes]


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = Connection()
    yield connection
    connection.channel.connectionLost(None)


def test_headers_must_arrive_in_time(connection: Connection) -> None:
    connection.send(b"GET / HTTP/1.1\r\n")
    connection.trickle(int(server.HEADER_SECONDS) - 1, b"X: x\r\n")
    assert not connection.is_closed
    connection.trickle(2, b"X: x\r\n")
    assert connection.is_closed
    assert connection.answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 1000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"]
)
def test_body_must_arrive_in_time(connection: Connection, framing: bytes) -> None:
    connection.send(b"POST / HTTP/1.1\r\n" + framing)
    connection.trickle(int(server.BODY_SECONDS) - 1, b"1\r\nx\r\n")
    assert not connection.is_closed
    connection.trickle(2, b"1\r\nx\r\n")
    assert connection.is_closed
    assert b"took too long" in connection.answer


def test_silent_client_is_dropped_sooner(connection: Connection) -> None:
    connection.send(b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n")
    connection.clock.advance(server.IDLE_SECONDS + 1)
    assert connection.is_closed


def test_connection_without_a_request_is_closed_without_an_answer(connection: Connection) -> None:
    connection.clock.advance(server.IDLE_SECONDS + 1)
    assert connection.is_closed
    assert connection.answer == b""


def test_stream_may_last(connection: Connection) -> None:
    connection.send(b"GET /api/events HTTP/1.1\r\n\r\n")
    connection.clock.advance(100_000)
    assert not connection.is_closed
    assert connection.answer == b""


def test_refused_body_is_discarded(connection: Connection) -> None:
    connection.send(b"POST / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 60_000)
    request = connection.channel.requests[0]
    for _ in range(100):
        connection.send(b"x" * 60_000)
    assert request.content.getvalue() == b""
    assert connection.transport.producerState == "producing"
    assert connection.lengths() == [b"9000000"]


def test_chunks_are_discarded_once_they_are_too_many(connection: Connection) -> None:
    connection.send(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    request = connection.channel.requests[0]
    for _ in range(100):
        connection.send(b"%x\r\n%s\r\n" % (60_000, b"x" * 60_000))
    assert request.content.getvalue() == b""
    [length] = connection.lengths()
    assert MAX_BODY_BYTES < int(length) <= MAX_BODY_BYTES + 60_000


def test_refused_client_is_dropped_in_the_end(connection: Connection) -> None:
    connection.send(b"POST / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n")
    request = connection.channel.requests[0]
    request.handle_reply({"type": "http.response.start", "status": 413, "headers": []})
    request.handle_reply({"type": "http.response.body", "body": b"no"})
    assert b"Connection: close" in connection.answer
    # The client sees the end of the response, and may go on sending.
    assert (connection.transport.half_closed, connection.is_closed) == (True, False)
    connection.send(b"x" * 60_000)
    connection.clock.advance(server.LINGER_SECONDS + 1)
    assert connection.transport.disconnected


@pytest.mark.parametrize("allowed", [True, False])
async def test_nothing_more_is_read_until_the_caller_is_known(
    connection: Connection, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def wait(*_: Any) -> bool:
        return await answer

    monkeypatch.setattr(server, "_may_upload", wait)
    connection.send(UPLOAD + b"Content-Length: 2000000\r\n\r\n" + b"x" * 1000)
    assert connection.transport.producerState == "paused"
    assert connection.application.scopes == []
    answer.set_result(allowed)
    await asyncio.sleep(0.01)
    assert connection.transport.producerState == "producing"
    connection.send(b"x" * 1_998_000)
    assert connection.lengths() == ([] if allowed else [b"2000000"])
    if allowed:
        connection.send(b"x" * 1000)
        assert connection.lengths() == [b"2000000"]


async def test_client_that_leaves_before_the_answer_is_forgotten(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wait(*_: Any) -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(server, "_may_upload", wait)
    connection.send(UPLOAD + b"Content-Length: 2000000\r\n\r\n")
    connection.channel.connectionLost(None)
    await asyncio.sleep(0)
    assert connection.clock.getDelayedCalls() == []
    assert connection.application.scopes == []


async def test_failed_database_grants_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> bool:
        raise RuntimeError

    monkeypatch.setattr(server, "_ask_database", fail)
    assert await server._may_upload([], UPLOAD_PATHS[0]) is False
