"""The SSE consumer: who may listen, and how a stream ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from operations.sse.consumer import (
    Audience,
    EventStream,
    StreamDenied,
)
from operations.sse.hub import Hub
from tests.operations.sse.consumer.connecting import change
from tests.operations.sse.stream_services import (
    RedisServer,
    until,
)


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
