"""EventStream: who is let in, what is on the wire, and that nothing is left behind."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from interviews import events
from interviews.events import InterviewChanged, LogAdded, publish
from operations.sse.consumer import Audience, EventStream, StreamDenied
from operations.sse.hub import Hub
from tests.operations.sse.stream_services import (
    DaphneServer,
    Listener,
    RedisServer,
    daphne_server,
    redis_server,
    until,
)
from tests.services import wait_until

STAFF = {"cookie": "staff=yes"}


@pytest.fixture(scope="module")
def redis_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(autouse=True)
def _publish_there(redis_: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_redis", lambda: redis_.client)


@pytest.fixture(autouse=True)
def _keep_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer closes idle database connections; the tests' own must stay."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)


@pytest.fixture(scope="module")
def daphne(redis_: RedisServer) -> Iterator[DaphneServer]:
    with daphne_server(redis_.url) as server:
        yield server


@pytest.fixture
async def hub(redis_: RedisServer) -> AsyncIterator[Hub]:
    hub = Hub(redis_.url, "events", block=0.1)
    yield hub
    await hub.close()


class Door:
    """An audience resolver whose answer the test changes; counts how often it was asked."""

    def __init__(self, answer: Audience | Exception) -> None:
        self.answer = answer
        self.asked = 0

    async def __call__(self, scope: dict[str, Any]) -> Audience:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def visit(hub: Hub, door: Door, method: str = "GET", **options: Any) -> ApplicationCommunicator:
    app = EventStream.as_asgi(audience=door, hub=lambda: hub, **options)
    scope = {"type": "http", "method": method, "headers": [], "query_string": b""}
    return ApplicationCommunicator(app, scope)


async def answer(visitor: ApplicationCommunicator) -> dict[str, Any]:
    await visitor.send_input({"type": "http.request", "body": b"", "more_body": False})
    start: dict[str, Any] = await visitor.receive_output(5)
    return start


async def body(visitor: ApplicationCommunicator, until_text: bytes) -> bytes:
    chunk = b""
    while until_text not in chunk:
        chunk += (await visitor.receive_output(5))["body"]
    return chunk


async def leave(visitor: ApplicationCommunicator) -> None:
    await visitor.send_input({"type": "http.disconnect"})
    await visitor.wait(5)


def change(interview_id: str, status: str = "active") -> None:
    publish(InterviewChanged(interview_id, "take-home", status))


# -- who is let in -----------------------------------------------------------------------------


async def test_refusal_is_json_with_its_status_and_retry_after(hub: Hub) -> None:
    visitor = visit(hub, Door(StreamDenied(429, "throttled", "Too many tries.", retry_after=30)))
    start = await answer(visitor)
    assert start["status"] == 429
    assert dict(start["headers"]) == {
        b"content-type": b"application/json",
        b"cache-control": b"no-store",
        b"retry-after": b"30",
    }
    assert json.loads((await visitor.receive_output())["body"]) == {
        "error": {"code": "throttled", "message": "Too many tries."}
    }
    await leave(visitor)
    assert len(hub) == 0


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_only_get_is_served(hub: Hub, method: str) -> None:
    door = Door(Audience(None))
    visitor = visit(hub, door, method)
    start = await answer(visitor)
    assert (start["status"], dict(start["headers"])[b"allow"]) == (405, b"GET")
    assert door.asked == 0
    await leave(visitor)


async def test_failing_resolver_is_a_500_without_its_text(hub: Hub) -> None:
    visitor = visit(hub, Door(RuntimeError("secret")))
    assert (await answer(visitor))["status"] == 500
    assert json.loads((await visitor.receive_output())["body"]) == {
        "error": {"code": "server_error", "message": "The event stream failed to start."}
    }
    await leave(visitor)


async def test_staff_session_that_ended_stops_hearing_at_the_next_heartbeat(hub: Hub) -> None:
    door = Door(Audience(None))
    visitor = visit(hub, door, heartbeat=0.05)
    await answer(visitor)
    await body(visitor, b"event: beat")
    door.answer = StreamDenied(403, "forbidden", "Sign in.")
    await body(visitor, b"event: sync")
    assert await visitor.receive_output() == {"type": "http.response.body"}
    assert len(hub) == 0
    await leave(visitor)


async def test_staff_stream_outlives_a_database_that_is_away(hub: Hub) -> None:
    door = Door(Audience(None))
    visitor = visit(hub, door, heartbeat=0.05)
    await answer(visitor)
    await body(visitor, b"event: beat")
    door.answer = StreamDenied(503, "unavailable", "Away.")
    asked = door.asked
    await until(lambda: door.asked > asked + 2)
    assert len(hub) == 1
    await leave(visitor)


async def test_candidate_is_not_looked_up_again_at_each_heartbeat(hub: Hub) -> None:
    door = Door(Audience("takehome-1"))
    visitor = visit(hub, door, heartbeat=0.02)
    await answer(visitor)
    for _ in range(5):
        await body(visitor, b"event: beat")
    assert door.asked == 1
    await leave(visitor)


async def staff_alone(scope: dict[str, Any]) -> Audience:
    user = scope["user"]
    if not (user.is_authenticated and user.is_active and user.is_staff):
        raise StreamDenied(403, "forbidden", "Sign in.")
    return Audience(None)


def sign_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


async def visit_signed_in(hub: Hub, session: str) -> ApplicationCommunicator:
    app = EventStream.as_asgi(audience=staff_alone, hub=lambda: hub, heartbeat=0.05)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}".encode()
    scope = {
        "type": "http",
        "method": "GET",
        "headers": [(b"cookie", cookie)],
        "query_string": b"",
    }
    return ApplicationCommunicator(AuthMiddlewareStack(app), scope)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "how", ["session deleted", "made inactive", "no longer staff", "password changed"]
)
async def test_staff_who_lost_the_right_stops_hearing(hub: Hub, how: str) -> None:
    user = await sync_to_async(User.objects.create_user)("recruiter", is_staff=True)
    visitor = await visit_signed_in(hub, await sync_to_async(sign_in)(user))
    assert (await answer(visitor))["status"] == 200
    for _ in range(3):
        await body(visitor, b"event: beat")
    if how == "session deleted":
        await Session.objects.all().adelete()
    elif how == "made inactive":
        await User.objects.aupdate(is_active=False)
    elif how == "no longer staff":
        await User.objects.aupdate(is_staff=False)
    else:
        user.set_password("another one 5")
        await user.asave()
    while (await visitor.receive_output(5)).get("more_body"):
        pass
    assert len(hub) == 0
    await leave(visitor)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "who", [{"is_staff": False}, {"is_staff": True, "is_active": False}], ids=["outsider", "left"]
)
async def test_signed_in_without_the_right_gets_403(hub: Hub, who: dict[str, Any]) -> None:
    user = await sync_to_async(User.objects.create_user)("charlie", **who)
    visitor = await visit_signed_in(hub, await sync_to_async(sign_in)(user))
    assert (await answer(visitor))["status"] == 403
    await leave(visitor)


# -- what is sent ------------------------------------------------------------------------------


async def test_connection_ends_after_its_lifetime_and_is_let_go(hub: Hub) -> None:
    visitor = visit(hub, Door(Audience("takehome-1")), lifetime=0.1)
    await answer(visitor)
    while (await visitor.receive_output(5)).get("more_body"):
        pass
    assert len(hub) == 0
    await leave(visitor)


async def test_connection_ends_after_so_many_bytes(hub: Hub) -> None:
    visitor = visit(hub, Door(Audience(None)), max_bytes=2000)
    await answer(visitor)
    await body(visitor, b"event: beat")
    sent = 0
    for _ in range(20):
        change("takehome-1")
    while (message := await visitor.receive_output(5)).get("more_body"):
        sent += len(message["body"])
    assert sent >= 1800
    await leave(visitor)


async def test_send_that_blocks_collapses_into_one_sync(hub: Hub) -> None:
    sent: list[bytes] = []
    gate = asyncio.Event()
    gate.set()

    async def send(message: dict[str, Any]) -> None:
        await gate.wait()
        sent.append(message.get("body", b""))

    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    app = EventStream.as_asgi(audience=Door(Audience("takehome-1")), hub=lambda: hub)
    scope = {"type": "http", "method": "GET", "headers": [], "query_string": b""}
    visitor = asyncio.create_task(app(scope, inbox.get, send))
    inbox.put_nowait({"type": "http.request", "body": b""})
    await until(lambda: b"event: beat" in b"".join(sent))
    gate.clear()
    sent.clear()
    change("takehome-1", "status-first")
    with hub.subscribe(None) as other:
        for number in range(600):
            change("takehome-1", f"status-{number}")
            if number % 100 == 0:
                await other.wait(1)
                other.drain()
        await until(lambda: b"status-599" in b"".join(other._frames))
    gate.set()
    await until(lambda: b"status-599" in b"".join(sent))
    wire = b"".join(sent)
    assert wire.count(b"event: sync") == 1
    assert wire.count(b"event: interview") < 600
    inbox.put_nowait({"type": "http.disconnect"})
    await visitor


async def test_cancelled_application_leaves_no_task_and_no_listener(hub: Hub) -> None:
    visitor = visit(hub, Door(Audience(None)))
    await answer(visitor)
    await body(visitor, b"event: beat")
    visitor.future.cancel()
    await visitor.wait()
    assert len(hub) == 0
    assert [t for t in asyncio.all_tasks() if t.get_name() == "event-stream"] == []


async def test_disconnect_while_the_audience_is_looked_up_ends_at_once(hub: Hub) -> None:
    never = asyncio.Event()

    async def slow(scope: dict[str, Any]) -> Audience:
        await never.wait()
        raise AssertionError

    visitor = ApplicationCommunicator(
        EventStream.as_asgi(audience=slow, hub=lambda: hub),
        {"type": "http", "method": "GET", "headers": [], "query_string": b""},
    )
    await visitor.send_input({"type": "http.request", "body": b""})
    await leave(visitor)
    assert len(hub) == 0


# -- on the wire, under Daphne -----------------------------------------------------------------


def test_headers_and_first_bytes_come_at_once(daphne: DaphneServer) -> None:
    began = time.monotonic()
    listener = Listener(daphne.port, "/api/events", STAFF)
    headers = {k.lower(): v for k, v in listener.response.getheaders()}
    first = listener.next_block()
    assert time.monotonic() - began < 2
    names = ("content-type", "cache-control", "x-accel-buffering", "x-content-type-options")
    assert {name: headers.get(name) for name in names} == {
        "content-type": "text/event-stream",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
        "x-content-type-options": "nosniff",
    }
    assert "content-encoding" not in headers
    assert first == ["retry: 2000", ": events"]
    assert listener.next("sync", "beat")["event"] == "sync"
    listener.close()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/events", {}),
        ("/api/events?passcode=", {}),
        ("/api/events?passcode=unknown", {}),
        ("/api/events?passcode=unknown", STAFF),
        ("/api/events?after=0-0", {"Last-Event-ID": "1-1"}),
    ],
)
def test_strangers_get_403(daphne: DaphneServer, path: str, headers: dict[str, str]) -> None:
    listener = Listener(daphne.port, path, headers)
    assert listener.response.status == 403
    assert json.loads(listener.response.read())["error"]["code"] == "forbidden"
    listener.close()


def test_fault_15_a_candidate_hears_its_own_interview_and_no_log(daphne: DaphneServer) -> None:
    own = Listener(daphne.port, "/api/events?passcode=takehome-own")
    staff = Listener(daphne.port, "/api/events", STAFF)
    own.next("beat")
    staff.next("beat")
    publish(LogAdded("takehome-own", "op-1"))
    change("takehome-other", "revoked")
    change("takehome-own", "completed")
    assert json.loads(own.next("interview", "log", "operation")["data"]) == {
        "interviewId": "takehome-own",
        "type": "take-home",
        "status": "completed",
    }
    assert [staff.next("interview", "log")["event"] for _ in range(3)] == [
        "log",
        "interview",
        "interview",
    ]
    own.close()
    staff.close()


@pytest.mark.parametrize("way", ["header", "query", "both"])
def test_last_event_id_replays_exactly_what_was_missed(daphne: DaphneServer, way: str) -> None:
    path = "/api/events?passcode=takehome-r"
    listener = Listener(daphne.port, path)
    listener.next("beat")
    change("takehome-r", "status-0")
    cursor = listener.next("interview")["id"]
    listener.close()
    for number in range(1, 4):
        change("takehome-r", f"status-{number}")
        change("takehome-x", "noise")
    header = {"Last-Event-ID": cursor} if way != "query" else {}
    query = {"header": "", "query": f"&after={cursor}", "both": "&after=1-1"}[way]
    back = Listener(daphne.port, path + query, header)
    heard = [back.next("interview", "sync") for _ in range(3)]
    names = [json.loads(message["data"]).get("status") for message in heard]
    assert names == ["status-1", "status-2", "status-3"]
    back.close()


def test_two_hundred_aborted_clients_leave_nothing(daphne: DaphneServer) -> None:
    wait_until(lambda: daphne.stats()["listeners"] == 0, "not 0 listeners")
    clients = []
    for number in range(200):
        client = socket.create_connection(("127.0.0.1", daphne.port))
        client.sendall(f"GET /api/events?passcode=t-{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        clients.append(client)
    wait_until(lambda: daphne.stats()["listeners"] == 200, "not 200 listeners")
    for client in clients:
        # A reset, as when a phone goes out of range and comes back.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.close()
    wait_until(lambda: daphne.stats()["listeners"] == 0, "not 0 listeners", 5)
    assert daphne.stats()["tasks"] == 0


def test_client_that_stops_reading_is_let_go(daphne: DaphneServer, redis_: RedisServer) -> None:
    wait_until(lambda: daphne.stats()["listeners"] == 0, "not 0 listeners")
    with socket.create_connection(("127.0.0.1", daphne.port)) as client:
        client.sendall(b"GET /api/events HTTP/1.1\r\nHost: x\r\nCookie: staff=yes\r\n\r\n")
        wait_until(lambda: daphne.stats()["listeners"] == 1, "not 1 listeners")
        fields: Any = {
            "name": "log",
            "interviewId": "takehome-1",
            "data": '{"pad":"' + "x" * 300 + '"}',
        }

        def gone() -> bool:
            for _ in range(100):
                redis_.client.xadd("events", fields, maxlen=10_000)
            return daphne.stats()["listeners"] == 0

        wait_until(gone, "the stream of a client that does not read goes on")


def test_daphne_stops_quickly_with_open_streams(redis_: RedisServer) -> None:
    with daphne_server(redis_.url) as server:
        listeners = [Listener(server.port, f"/api/events?passcode=t-{n}") for n in range(20)]
        for listener in listeners:
            listener.next("beat")
        assert server.terminate() < 5
        lines = server.output().splitlines()
        assert [line for line in lines if "[pynamodb.settings]" not in line] == []
        for listener in listeners:
            listener.close()


def test_redis_restart_under_daphne_is_told_and_heals(tmp_path: Path) -> None:
    with redis_server(tmp_path) as mortal, daphne_server(mortal.url, HEARTBEAT="0.5") as server:
        listener = Listener(server.port, "/api/events", STAFF)
        listener.next("beat")
        mortal.kill()
        # The transition, and the heartbeats that go on meanwhile.
        assert [listener.next("down", "beat")["event"] for _ in range(3)][-2:] == ["down", "down"]
        mortal.start()
        listener.next("sync")
        listener.next("beat")
        entry: Any = {
            "name": "interview",
            "interviewId": "takehome-1",
            "data": '{"status":"active"}',
        }
        mortal.client.xadd("events", entry)
        assert json.loads(listener.next("interview")["data"]) == {"status": "active"}
        listener.close()
