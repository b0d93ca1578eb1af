"""EventStream: authorization, the bytes sent, and the clean-up after a connection."""

import asyncio
import json
import socket
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
from operations.sse.consumer import (
    HEARTBEAT_SECONDS,
    Audience,
    EventStream,
    StreamDenied,
)
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


class FakeAuthorization:
    """An audience resolver with a result that the test sets. Counts its calls."""

    def __init__(self, result: Audience | Exception) -> None:
        self.result = result
        self.calls = 0

    async def __call__(self, scope: dict[str, Any]) -> Audience:
        self.calls += 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def connect(
    hub: Hub, authorization: FakeAuthorization, method: str = "GET", **options: Any
) -> ApplicationCommunicator:
    app = EventStream.as_asgi(audience=authorization, hub=lambda: hub, **options)
    scope = {"type": "http", "method": method, "headers": [], "query_string": b""}
    return ApplicationCommunicator(app, scope)


async def response_start(client: ApplicationCommunicator) -> dict[str, Any]:
    await client.send_input({"type": "http.request", "body": b"", "more_body": False})
    start: dict[str, Any] = await client.receive_output(5)
    return start


async def body(client: ApplicationCommunicator, until_text: bytes) -> bytes:
    chunk = b""
    while until_text not in chunk:
        chunk += (await client.receive_output(5))["body"]
    return chunk


async def disconnect(client: ApplicationCommunicator) -> None:
    await client.send_input({"type": "http.disconnect"})
    await client.wait(5)


def change(interview_id: str, status: str = "active") -> None:
    publish(InterviewChanged(interview_id, "take-home", status))


# -- authorization -----------------------------------------------------------------------------


async def test_denied_stream_is_json_with_status_and_retry_after(hub: Hub) -> None:
    client = connect(
        hub, FakeAuthorization(StreamDenied(429, "throttled", "Too many tries.", retry_after=30))
    )
    start = await response_start(client)
    assert start["status"] == 429
    assert dict(start["headers"]) == {
        b"content-type": b"application/json",
        b"cache-control": b"no-store",
        b"retry-after": b"30",
    }
    assert json.loads((await client.receive_output())["body"]) == {
        "error": {"code": "throttled", "message": "Too many tries."}
    }
    await disconnect(client)
    assert len(hub) == 0


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_only_get_is_served(hub: Hub, method: str) -> None:
    authorization = FakeAuthorization(Audience(None))
    client = connect(hub, authorization, method)
    start = await response_start(client)
    assert (start["status"], dict(start["headers"])[b"allow"]) == (405, b"GET")
    assert authorization.calls == 0
    await disconnect(client)


async def test_failing_resolver_is_a_500_without_the_error_text(hub: Hub) -> None:
    client = connect(hub, FakeAuthorization(RuntimeError("secret")))
    assert (await response_start(client))["status"] == 500
    assert json.loads((await client.receive_output())["body"]) == {
        "error": {"code": "server_error", "message": "The event stream failed to start."}
    }
    await disconnect(client)


async def test_ended_staff_session_ends_the_stream_at_the_next_heartbeat(hub: Hub) -> None:
    authorization = FakeAuthorization(Audience(None))
    client = connect(hub, authorization, heartbeat=0.05)
    await response_start(client)
    await body(client, b"event: beat")
    authorization.result = StreamDenied(403, "forbidden", "Sign in.")
    await body(client, b"event: sync")
    assert await client.receive_output() == {"type": "http.response.body"}
    assert len(hub) == 0
    await disconnect(client)


async def test_staff_stream_survives_a_database_outage(hub: Hub) -> None:
    authorization = FakeAuthorization(Audience(None))
    client = connect(hub, authorization, heartbeat=0.05)
    await response_start(client)
    await body(client, b"event: beat")
    authorization.result = StreamDenied(503, "unavailable", "Away.")
    calls = authorization.calls
    await until(lambda: authorization.calls > calls + 2)
    assert len(hub) == 1
    await disconnect(client)


async def test_candidate_is_authorized_once(hub: Hub) -> None:
    authorization = FakeAuthorization(Audience("takehome-1"))
    client = connect(hub, authorization, heartbeat=0.02)
    await response_start(client)
    for _ in range(5):
        await body(client, b"event: beat")
    assert authorization.calls == 1
    await disconnect(client)


async def authorize_staff(scope: dict[str, Any]) -> Audience:
    user = scope["user"]
    if not (user.is_authenticated and user.is_active and user.is_staff):
        raise StreamDenied(403, "forbidden", "Sign in.")
    return Audience(None)


def sign_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


async def connect_signed_in(hub: Hub, session: str) -> ApplicationCommunicator:
    app = EventStream.as_asgi(audience=authorize_staff, hub=lambda: hub, heartbeat=0.05)
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
async def test_staff_who_lost_their_permission_are_disconnected(hub: Hub, how: str) -> None:
    user = await sync_to_async(User.objects.create_user)("recruiter", is_staff=True)
    client = await connect_signed_in(hub, await sync_to_async(sign_in)(user))
    assert (await response_start(client))["status"] == 200
    for _ in range(3):
        await body(client, b"event: beat")
    if how == "session deleted":
        await Session.objects.all().adelete()
    elif how == "made inactive":
        await User.objects.aupdate(is_active=False)
    elif how == "no longer staff":
        await User.objects.aupdate(is_staff=False)
    else:
        user.set_password("another one 5")
        await user.asave()
    while (await client.receive_output(5)).get("more_body"):
        pass
    assert len(hub) == 0
    await disconnect(client)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "who", [{"is_staff": False}, {"is_staff": True, "is_active": False}], ids=["outsider", "left"]
)
async def test_user_without_permission_gets_403(hub: Hub, who: dict[str, Any]) -> None:
    user = await sync_to_async(User.objects.create_user)("charlie", **who)
    client = await connect_signed_in(hub, await sync_to_async(sign_in)(user))
    assert (await response_start(client))["status"] == 403
    await disconnect(client)


# -- the stream --------------------------------------------------------------------------------


async def test_connection_ends_after_its_lifetime(hub: Hub) -> None:
    client = connect(hub, FakeAuthorization(Audience("takehome-1")), lifetime=0.1)
    await response_start(client)
    while (await client.receive_output(5)).get("more_body"):
        pass
    assert len(hub) == 0
    await disconnect(client)


async def test_connection_ends_after_max_bytes(hub: Hub) -> None:
    client = connect(hub, FakeAuthorization(Audience(None)), max_bytes=2000)
    await response_start(client)
    await body(client, b"event: beat")
    sent = 0
    for _ in range(20):
        change("takehome-1")
    while (message := await client.receive_output(5)).get("more_body"):
        sent += len(message["body"])
    assert sent >= 1800
    await disconnect(client)


async def test_blocked_send_collapses_into_one_sync(hub: Hub) -> None:
    sent: list[bytes] = []
    gate = asyncio.Event()
    gate.set()

    async def send(message: dict[str, Any]) -> None:
        await gate.wait()
        sent.append(message.get("body", b""))

    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    app = EventStream.as_asgi(audience=FakeAuthorization(Audience("takehome-1")), hub=lambda: hub)
    scope = {"type": "http", "method": "GET", "headers": [], "query_string": b""}
    client = asyncio.create_task(app(scope, inbox.get, send))
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
    await client


async def test_cancelled_application_leaves_no_task_and_no_subscription(hub: Hub) -> None:
    client = connect(hub, FakeAuthorization(Audience(None)))
    await response_start(client)
    await body(client, b"event: beat")
    client.future.cancel()
    await client.wait()
    assert len(hub) == 0
    assert [t for t in asyncio.all_tasks() if t.get_name() == "event-stream"] == []


async def test_disconnect_during_authorization_ends_at_once(hub: Hub) -> None:
    never = asyncio.Event()

    async def slow(scope: dict[str, Any]) -> Audience:
        await never.wait()
        raise AssertionError

    client = ApplicationCommunicator(
        EventStream.as_asgi(audience=slow, hub=lambda: hub),
        {"type": "http", "method": "GET", "headers": [], "query_string": b""},
    )
    await client.send_input({"type": "http.request", "body": b""})
    await disconnect(client)
    assert len(hub) == 0


# -- under Daphne ------------------------------------------------------------------------------


def test_headers_and_first_bytes_are_sent_before_any_event(daphne: DaphneServer) -> None:
    # A heartbeat, which would push out what a server holds back, comes later than this gives up.
    listener = Listener(daphne.port, "/api/events", STAFF, timeout=HEARTBEAT_SECONDS / 2)
    headers = {k.lower(): v for k, v in listener.response.getheaders()}
    first = listener.next_block()
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
def test_unauthorized_client_gets_403(
    daphne: DaphneServer, path: str, headers: dict[str, str]
) -> None:
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
def test_last_event_id_replays_exactly_the_missed_events(daphne: DaphneServer, way: str) -> None:
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


def test_two_hundred_aborted_clients_leave_no_task(daphne: DaphneServer) -> None:
    wait_until(lambda: daphne.stats()["listeners"] == 0, "not 0 listeners")
    clients = []
    for number in range(200):
        client = socket.create_connection(("127.0.0.1", daphne.port))
        client.sendall(f"GET /api/events?passcode=t-{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        clients.append(client)
    wait_until(lambda: daphne.stats()["listeners"] == 200, "not 200 listeners")
    for client in clients:
        # A connection reset, as when a phone loses its network.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.close()
    wait_until(lambda: daphne.stats()["listeners"] == 0, "not 0 listeners", 5)
    assert daphne.stats()["tasks"] == 0


def test_client_that_stops_reading_is_disconnected(
    daphne: DaphneServer, redis_: RedisServer
) -> None:
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


def test_daphne_ends_open_streams_and_stops(redis_: RedisServer) -> None:
    with daphne_server(redis_.url) as server:
        listeners = [Listener(server.port, f"/api/events?passcode=t-{n}") for n in range(20)]
        for listener in listeners:
            listener.next("beat")
        server.terminate()
        lines = server.output().splitlines()
        assert [line for line in lines if "[pynamodb.settings]" not in line] == []
        for listener in listeners:
            listener.close()


def test_redis_restart_under_daphne_is_reported_and_recovers(tmp_path: Path) -> None:
    with redis_server(tmp_path) as mortal, daphne_server(mortal.url, HEARTBEAT="0.5") as server:
        listener = Listener(server.port, "/api/events", STAFF)
        listener.next("beat")
        mortal.kill()
        # One for the transition, and one for each heartbeat meanwhile.
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
