"""A real web process refuses a body before it is parsed or spooled, and says why."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web_server import MEGABYTE, chunked, exchange, prepare_database, web_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("web_server")]

CLOSE = "Connection: close\r\n"
FORM = "Content-Type: multipart/form-data; boundary=x\r\n"
PART = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="module")
def prepared_token(folder: Path) -> str:
    return prepare_database(folder)


@pytest.fixture(scope="module")
def port(folder: Path, prepared_token: str) -> Iterator[int]:
    with web_server("daphne", folder) as port:
        yield port


@pytest.fixture
def token(prepared_token: str, port: int) -> str:
    return f"Authorization: Bearer {prepared_token}\r\n"


def test_runserver_has_the_same_limits(tmp_path: Path) -> None:
    prepare_database(tmp_path)
    with web_server("runserver", tmp_path) as port:
        test_forms_are_left_to_django(port)
        test_chunks_are_counted(port)


def test_forms_are_left_to_django(port: int) -> None:
    # Twisted answers a form without a boundary by itself, with 400 and no header.
    head = f"POST /login/ HTTP/1.1\r\n{CLOSE}Content-Type: multipart/form-data\r\nContent-Length: 1"
    assert "X-Request-Id: " in exchange(port, head, [b"x"])


@pytest.mark.parametrize("path", ["/login/", "/nowhere"])
def test_page_says_that_what_was_sent_is_too_large(port: int, path: str) -> None:
    answer = exchange(port, f"POST {path} HTTP/1.1\r\nContent-Length: {8 * MEGABYTE}", [b"x" * 100])
    assert answer.startswith("HTTP/1.1 413 ")
    assert "What you sent is larger than 1 MB" in answer


def test_probe_with_a_large_body_ends_its_connection(port: int) -> None:
    answer = exchange(port, f"GET /healthz HTTP/1.1\r\nContent-Length: {8 * MEGABYTE}")
    assert "Connection: close" in answer


@pytest.mark.parametrize("path", ["/api/takehome", "/api/challenges", "/api/events"])
def test_api_says_that_a_body_is_too_large(port: int, path: str) -> None:
    method = "GET" if path == "/api/events" else "POST"
    answer = exchange(port, f"{method} {path} HTTP/1.1\r\n{FORM}Content-Length: {8 * MEGABYTE}")
    assert answer.startswith("HTTP/1.1 413 ")
    error = '{"error": {"code": "too_large", "message": "The body is larger than 1 MB."}}'
    assert error in answer


def test_answer_reaches_a_client_that_sends_everything_first(port: int) -> None:
    body = [b"x" * MEGABYTE] * 8
    answer = exchange(port, f"POST /login/ HTTP/1.1\r\nContent-Length: {8 * MEGABYTE}", body)
    assert answer.startswith("HTTP/1.1 413 ")


def test_chunks_are_counted(port: int) -> None:
    head = f"POST /login/ HTTP/1.1\r\n{CLOSE}Transfer-Encoding: chunked"
    assert exchange(port, head, chunked(50_000, 40)).startswith("HTTP/1.1 413 ")
    assert not exchange(port, head, chunked(50_000, 10)).startswith("HTTP/1.1 413 ")


def test_no_body_is_asked_for_that_will_be_refused(port: int) -> None:
    head = "POST /login/ HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: "
    assert exchange(port, head + str(2 * MEGABYTE)).startswith("HTTP/1.1 413 ")
    small = exchange(port, head + f"1\r\n{CLOSE}", [b"x"])
    assert small.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 ")


@pytest.mark.parametrize("encoding", ["length", "chunks"])
def test_only_staff_may_upload_more(port: int, token: str, encoding: str) -> None:
    body = [PART, *[b"x" * MEGABYTE] * 2, b"\r\n--x--\r\n"]
    if encoding == "length":
        length = f"Content-Length: {sum(map(len, body))}"
    else:
        length = "Transfer-Encoding: chunked"
        body = [*(b"%x\r\n%s\r\n" % (len(part), part) for part in body), b"0\r\n\r\n"]
    head = f"POST /api/challenges HTTP/1.1\r\n{CLOSE}{FORM}{length}"
    assert exchange(port, head, body).startswith("HTTP/1.1 413 ")
    accepted = exchange(port, f"{head}\r\n{token}", body)
    # Django has read it all, and misses the challenge's name.
    assert accepted.startswith("HTTP/1.1 422 ")
    assert '"field": "name"' in accepted


def test_upload_has_a_limit_too(port: int, token: str) -> None:
    head = f"POST /api/challenges HTTP/1.1\r\n{FORM}Content-Length: {200 * MEGABYTE}\r\n{token}"
    assert "The upload is larger than 110 MB." in exchange(port, head)


def test_headers_have_a_limit(port: int) -> None:
    many = "".join(f"X-Header-{number}: x\r\n" for number in range(101))
    long = "".join(f"X-Header-{number}: {'x' * 4000}\r\n" for number in range(5))
    for headers in (many, long):
        answer = exchange(port, f"GET /login/ HTTP/1.1\r\n{CLOSE}{headers}")
        assert answer.startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize("path", ["/api/events", "/api/events?passcode=x", "/api/takehome"])
def test_each_address_checks_the_host(port: int, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\n{CLOSE}"
    answer = exchange(port, head, host="elsewhere.test")
    assert answer.startswith("HTTP/1.1 400 ")
    assert '"code": "bad_request"' in answer
    assert not exchange(port, head).startswith("HTTP/1.1 400 ")
