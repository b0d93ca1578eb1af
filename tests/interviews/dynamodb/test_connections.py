"""One request over a connection: every way in which an answer may arrive, or not."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.httpsession import URLLib3Session

from interviews.dynamodb.connections import exchange

BODY = b'{"Key": {}}'
OK = b"HTTP/1.1 200 OK\r\nX-Amzn-RequestId: 1\r\nContent-Length: 5\r\n\r\nhello"


@contextmanager
def server(answer: Callable[[socket.socket, int], bool]) -> Iterator[tuple[str, list[bytes]]]:
    """Call `answer` after each request, with its number in all; it returns whether to go on with
    the connection. Yields the address and what was received."""
    received: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while request := _request(connection):
                    received.append(request)
                    if not answer(connection, len(received)):
                        break

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", received
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _request(connection: socket.socket) -> bytes:
    request = b""
    while not request.endswith(BODY):
        part = connection.recv(1 << 16)
        if not part:
            break
        request += part
    return request


def post(session: URLLib3Session, url: str) -> Any:
    headers = {"host": "tables", "x-amz-target": "DynamoDB_20120810.GetItem"}
    return exchange(session, AWSPreparedRequest("POST", url, headers, BODY, False))


def whole(connection: socket.socket, number: int) -> bool:
    connection.sendall(OK)
    return True


def test_second_request_goes_over_the_same_connection() -> None:
    session = URLLib3Session()
    with server(whole) as (url, received):
        for _ in range(3):
            answer = post(session, url)
            assert (answer.status_code, answer.content) == (200, b"hello")
        session.close()
    assert answer.headers["x-amzn-requestid"] == "1"
    assert received[1].startswith(b"POST / HTTP/1.1\r\nhost: tables\r\n")
    assert received[1].endswith(b"\r\ncontent-length: 11\r\n\r\n" + BODY)
    assert received[1] == received[2]


@pytest.mark.parametrize("cut", [1, 20, OK.index(b"hello"), len(OK) - 1])
def test_answer_may_arrive_in_parts(cut: int) -> None:
    continues = threading.Event()

    def in_parts(connection: socket.socket, number: int) -> bool:
        if number == 1:
            return whole(connection, number)
        connection.sendall(OK[:cut])
        continues.wait(5)
        connection.sendall(OK[cut:])
        return True

    session = URLLib3Session()
    with server(in_parts) as (url, _):
        post(session, url)
        threading.Timer(0.05, continues.set).start()
        assert post(session, url).content == b"hello"
        session.close()


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        OK[:-1],
        OK + b"more",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"nothing of the kind\r\n\r\n",
    ],
    ids=["nothing", "head", "short", "long", "chunked", "number", "no http"],
)
def test_other_answers_are_none_and_end_the_connection(bad: bytes) -> None:
    def answer(connection: socket.socket, number: int) -> bool:
        if number != 2:
            return whole(connection, number)
        connection.sendall(bad)
        return False

    session = URLLib3Session()
    with server(answer) as (url, received):
        assert post(session, url).content == b"hello"
        assert post(session, url) is None
        # The connection is opened anew.
        assert post(session, url).content == b"hello"
        session.close()
    assert len(received) == 3


@pytest.mark.parametrize(
    "last",
    [OK.replace(b"X-Amzn-RequestId: 1", b"Connection: close"), OK + b"more"],
    ids=["given up", "not understood"],
)
def test_connection_is_not_used_again_after(last: bytes) -> None:
    sockets = []

    def stays_open(connection: socket.socket, number: int) -> bool:
        sockets.append(connection)
        connection.sendall(last if number == 2 else OK)
        return True

    session = URLLib3Session()
    with server(stays_open) as (url, _):
        for _ in range(3):
            post(session, url)
        session.close()
    assert sockets[0] is sockets[1]
    assert sockets[1] is not sockets[2]


def test_server_that_does_not_answer_in_time_is_none() -> None:
    ended = threading.Event()

    def silent(connection: socket.socket, number: int) -> bool:
        return whole(connection, number) if number == 1 else not ended.wait(10)

    session = URLLib3Session(timeout=(5, 0.2))
    with server(silent) as (url, _):
        post(session, url)
        assert post(session, url) is None
        ended.set()
        session.close()


def test_server_that_is_away_is_none() -> None:
    with server(whole) as (url, _):
        pass
    assert post(URLLib3Session(), url) is None
