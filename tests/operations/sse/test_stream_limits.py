"""The event stream refuses a listener who has too many streams open, and says what to do."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from channels.testing import ApplicationCommunicator

from operations.sse import consumer
from operations.sse.consumer import Audience, EventStream
from operations.sse.hub import Hub
from operations.sse.slots import StreamSlots

NOWHERE = "redis://127.0.0.1:1/0"
Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def _keep_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer closes idle database connections; the tests' own must stay."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Open a stream for an audience, from an address; it is closed with its block."""
    hub, slots = Hub(NOWHERE, "events"), StreamSlots(NOWHERE, "")

    @asynccontextmanager
    async def open_stream(audience: Audience, address: str = "192.0.2.1") -> AsyncIterator[Any]:
        async def authorize(scope: dict[str, Any]) -> Audience:
            return audience

        app = EventStream.as_asgi(audience=authorize, hub=lambda: hub, slots=lambda: slots)
        scope = {"type": "http", "method": "GET", "headers": [], "query_string": b""}
        client = ApplicationCommunicator(app, scope | {"client": [address, 1]})
        await client.send_input({"type": "http.request", "body": b"", "more_body": False})
        start = await client.receive_output(20)
        yield start, await client.receive_output(20)
        await client.send_input({"type": "http.disconnect"})
        await client.wait(20)

    yield open_stream
    await hub.close()
    await slots.close()


async def statuses(opened: Open, audiences: list[Audience], *addresses: str) -> list[int]:
    """The status of each stream, while those before it stay open."""
    async with AsyncExitStack() as stack:
        found = []
        for number, audience in enumerate(audiences):
            from_there = addresses[number : number + 1] or ("192.0.2.1",)
            start, _ = await stack.enter_async_context(opened(audience, *from_there))
            found.append(start["status"])
        return found


async def test_candidate_may_have_several_devices_but_not_any_number(opened: Open) -> None:
    own = [Audience("takehome-1")] * (consumer.CANDIDATE_STREAMS + 2)
    refused = [200] * consumer.CANDIDATE_STREAMS + [429, 429]
    assert await statuses(opened, [*own, Audience("takehome-2")]) == [*refused, 200]
    # All are closed, and their slots are free again.
    assert await statuses(opened, own[:1]) == [200]


async def test_staff_are_counted_by_person(opened: Open) -> None:
    own = [Audience(None, "recruiter")] * (consumer.STAFF_STREAMS + 1)
    refused = [200] * consumer.STAFF_STREAMS + [429]
    assert await statuses(opened, [*own, Audience(None, "another")]) == [*refused, 200]


async def test_address_has_a_limit_that_a_setting_raises(opened: Open, settings: Any) -> None:
    people = [Audience(f"takehome-{number}") for number in range(4)]
    addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.7"]
    settings.STREAMS_PER_ADDRESS = 2
    assert await statuses(opened, people, *addresses) == [200, 200, 429, 200]
    settings.STREAMS_PER_ADDRESS = 0
    assert await statuses(opened, people, *addresses) == [200] * 4


async def test_refusal_says_when_to_try_again(opened: Open, settings: Any) -> None:
    settings.STREAMS_PER_ADDRESS = 1
    async with opened(Audience("takehome-1")), opened(Audience("takehome-2")) as (start, body):
        assert start["status"] == 429
        assert dict(start["headers"])[b"retry-after"] == b"60"
        error = json.loads(body["body"])["error"]
        assert error["code"] == "too_many_streams"
        assert "Close some of them." in error["message"]


async def test_many_streams_at_once_of_one_passcode_leave_ten(opened: Open) -> None:
    async def first(stack: AsyncExitStack) -> int:
        start, _ = await stack.enter_async_context(opened(Audience("takehome-1")))
        return int(start["status"])

    async with AsyncExitStack() as stack:
        found = await asyncio.gather(*(first(stack) for _ in range(200)))
    assert found.count(200) == consumer.CANDIDATE_STREAMS
