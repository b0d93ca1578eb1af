"""Every request has an id, one log line and metrics."""

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from prometheus_client import REGISTRY

from interviews.models import Interview
from takehome_platform.observability.request_logging import log_stream


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """The log lines of requests, with the bound context."""
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as captured:
        yield captured


@pytest.fixture
def counted() -> Callable[..., float]:
    """Call it for the number of such requests since the test started."""
    # Once, for all of them: each look collects the figures of everything that ran before.
    before = {
        tuple(sorted(sample.labels.items())): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name == "takehome_http_requests_total"
    }

    def since(**label: str) -> float:
        return count(**label) - before.get(tuple(sorted(label.items())), 0)

    return since


def count(**labels: str) -> float:
    return REGISTRY.get_sample_value("takehome_http_requests_total", labels) or 0.0


def requests_in(lines: list[Any]) -> list[Any]:
    return [line for line in lines if line["event"] == "request"]


# -- the id ----------------------------------------------------------------------------------------


def test_request_gets_an_id_that_its_line_has(client: Client, lines: list[Any]) -> None:
    first, second = client.get("/login/"), client.get("/login/")
    ids = [response["X-Request-Id"] for response in (first, second)]
    assert all(re.fullmatch("[0-9a-f]{32}", id_) for id_ in ids)
    assert ids[0] != ids[1]
    assert [line["request_id"] for line in requests_in(lines)] == ids


def test_id_of_a_proxy_is_kept(client: Client) -> None:
    response = client.get("/login/", headers={"X-Request-Id": "edge-1.A_b"})
    assert response["X-Request-Id"] == "edge-1.A_b"


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "a\tb", "<script>", "é"])
def test_invalid_id_is_replaced(client: Client, given: str) -> None:
    response = client.get("/login/", headers={"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f]{32}", response["X-Request-Id"])


async def test_concurrent_requests_keep_their_own_ids(
    async_client: AsyncClient, lines: list[Any]
) -> None:
    asked = [f"request-{number}" for number in range(5)]
    answers = await asyncio.gather(
        *(async_client.get("/healthz", headers={"X-Request-Id": id_}) for id_ in asked),
        *(async_client.get("/api/nope", headers={"X-Request-Id": f"api-{id_}"}) for id_ in asked),
    )
    expected = [*asked, *(f"api-{id_}" for id_ in asked)]
    assert [answer["X-Request-Id"] for answer in answers] == expected
    assert sorted(line["request_id"] for line in requests_in(lines)) == sorted(expected[5:])


# -- the line --------------------------------------------------------------------------------------


def test_line_has_request_and_status(client: Client, lines: list[Any]) -> None:
    client.get("/login/?next=/ended/")
    [line] = requests_in(lines)
    assert isinstance(line.pop("ms"), int)
    assert isinstance(line.pop("request_id"), str)
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": "/login/",
        "status": 200,
    }


def test_line_has_the_signed_in_user(
    client: Client, staff: User, tables: None, lines: list[Any]
) -> None:
    client.force_login(staff)
    client.get("/start-times/")
    assert [line["user"] for line in requests_in(lines)] == ["recruiter"]


def test_probe_has_no_line(client: Client, lines: list[Any]) -> None:
    client.get("/healthz")
    assert requests_in(lines) == []


def test_static_file_has_no_line(client: Client, lines: list[Any]) -> None:
    assert b"--" in b"".join(client.get("/static/shared/tokens.css"))
    assert requests_in(lines) == []


# -- the figures -----------------------------------------------------------------------------------


def test_route_is_the_url_pattern_without_the_passcode(
    client: Client, take_home: Interview, counted: Callable[..., float]
) -> None:
    client.get(f"/take-home/{take_home.passcode}/")
    client.get("/take-home/ZZZZZZZZ/")
    route = "/take-home/<str:passcode>/"
    assert counted(method="GET", route=route, status="200") == 1
    assert counted(method="GET", route=route, status="404") == 1
    assert not any(str(take_home.passcode) in str(family.samples) for family in REGISTRY.collect())


def test_unknown_urls_share_one_route(
    client: Client, db: None, counted: Callable[..., float]
) -> None:
    for path in ("/no/such", "/nor/this", "/healthz/"):
        client.get(path)
    assert counted(method="GET", route="none", status="404") == 3


def test_unknown_methods_share_one_label(
    client: Client, db: None, counted: Callable[..., float]
) -> None:
    for method in ("BREW", "WHEN"):
        client.generic(method, "/healthz")
    assert counted(method="OTHER", route="/healthz", status="405") == 2


def test_server_error_is_counted_and_logged(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    lines: list[Any],
    counted: Callable[..., float],
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("interviews.queries.get_by_passcode", fail)
    client.raise_request_exception = False
    client.get("/take-home/ZZZZZZZZ/")
    route = "/take-home/<str:passcode>/"
    assert counted(method="GET", route=route, status="500") == 1
    assert [line["status"] for line in requests_in(lines)] == [500]


# -- the event stream ------------------------------------------------------------------------------


async def ask(application: Any, headers: dict[bytes, bytes]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/events",
        "query_string": b"passcode=ABCD2345",
        "headers": list(headers.items()),
    }
    await log_stream(application)(scope, None, send)
    return sent


async def refusing(scope: Any, receive: Any, send: Any) -> None:
    structlog.get_logger("test").warning("refused")
    await send({"type": "http.response.start", "status": 403, "headers": [(b"a", b"b")]})
    await send({"type": "http.response.body"})


async def test_stream_has_an_id_a_line_and_a_count(
    lines: list[Any], counted: Callable[..., float]
) -> None:
    start, _ = await ask(refusing, {b"x-request-id": b"edge-7"})
    assert start["headers"] == [(b"a", b"b"), (b"x-request-id", b"edge-7")]
    assert counted(method="GET", route="/api/events", status="403") == 1
    assert [line["request_id"] for line in lines] == ["edge-7", "edge-7"]
    [line] = requests_in(lines)
    assert (line["path"], line["status"]) == ("/api/events", 403)
    assert "ABCD2345" not in str(lines)


async def test_stream_that_breaks_off_has_its_line(lines: list[Any]) -> None:
    async def breaking(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await ask(breaking, {})
    assert [line["status"] for line in requests_in(lines)] == [200]
