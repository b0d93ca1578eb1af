"""The hub: who receives which event, and replays."""

import re
import time

import pytest
import redis
import time_machine

from interviews import events
from interviews.events import (
    SETTLED_SECONDS,
    InterviewChanged,
    LogAdded,
    OperationChanged,
    publish,
    settled_cursor,
)
from operations.sse.hub import Hub
from operations.sse.subscription import Subscription, parse_cursor
from takehome_platform.local_stack.config import free_port
from tests.operations.sse.hub.receiving import change, ids, read, receive_until, statuses
from tests.operations.sse.stream_services import RedisServer, until


async def test_first_subscription_receives_sync_and_beat(hub: Hub) -> None:
    with hub.subscribe("takehome-1") as subscription:
        received = await receive_until(subscription, "beat")
    assert [(cursor, name) for cursor, name, _ in received] == [("0-0", "sync"), ("0-0", "beat")]


async def test_event_reaches_staff_and_its_own_candidate_alone(hub: Hub) -> None:
    with (
        hub.subscribe(None) as staff,
        hub.subscribe("takehome-1") as candidate,
        hub.subscribe("takehome-2") as outsider,
    ):
        for subscription in (staff, candidate, outsider):
            await receive_until(subscription, "beat")
        change("takehome-1")
        change("takehome-2", "revoked")
        [(_, name, data)] = await receive_until(candidate, "interview")
        assert (name, data) == (
            "interview",
            {"interviewId": "takehome-1", "type": "take-home", "status": "active"},
        )
        assert statuses(await receive_until(outsider, "interview")) == ["revoked"]
        await until(lambda: b"revoked" in b"".join(staff._frames))
        assert statuses(read(staff.drain())) == ["active", "revoked"]


async def test_log_events_reach_staff_alone(hub: Hub) -> None:
    with hub.subscribe(None) as staff, hub.subscribe("takehome-1") as candidate:
        await receive_until(staff, "beat")
        await receive_until(candidate, "beat")
        publish(LogAdded("takehome-1", "op-1"))
        publish(OperationChanged("takehome-1", "op-1", "create", "running", "files"))
        assert [name for _, name, _ in await receive_until(candidate, "operation")] == ["operation"]
        assert [n for _, n, _ in await receive_until(staff, "operation")] == ["log", "operation"]


async def test_log_events_are_not_replayed_to_a_candidate(hub: Hub, server: RedisServer) -> None:
    change("takehome-1", "activated")
    publish(LogAdded("takehome-1", "op-1"))
    change("takehome-2", "revoked")
    change("takehome-1", "active")
    with hub.subscribe("takehome-1", after=ids(server)[0]) as subscription:
        assert statuses(await receive_until(subscription, "interview")) == ["active"]


async def test_events_carry_ids_and_statuses_only(hub: Hub) -> None:
    with hub.subscribe(None) as staff:
        await receive_until(staff, "beat")
        publish(InterviewChanged("takehome-1", "take-home", "active"))
        publish(OperationChanged("takehome-1", "op-1", "create", "running", "files"))
        publish(LogAdded("takehome-1", "op-1"))
        received = await receive_until(staff, "log")
    assert [(name, sorted(data)) for _, name, data in received] == [
        ("interview", ["interviewId", "status", "type"]),
        ("operation", ["interviewId", "operationId", "status", "step", "type"]),
        ("log", ["interviewId", "operationId"]),
    ]


def test_settled_cursor_is_the_last_event_that_is_some_seconds_old(server: RedisServer) -> None:
    def add(seconds_ago: float) -> str:
        entry_id = f"{int((time.time() - seconds_ago) * 1000)}-0"
        server.client.xadd("events", {"name": "interview"}, id=entry_id)
        return entry_id

    assert settled_cursor() == ""
    add(60)
    settled = add(SETTLED_SECONDS + 2)
    assert settled_cursor() == settled
    for seconds in range(SETTLED_SECONDS - 2, 0, -1):
        add(seconds)
    assert settled_cursor() == settled
    with time_machine.travel(time.time() + 60):
        assert settled_cursor() == settled, "the clock of this machine does not count"
    for _ in range(100):
        server.client.xadd("events", {"name": "interview"})
    assert settled_cursor() == ""


def test_without_redis_there_is_no_settled_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis(port=free_port(), socket_connect_timeout=1)
    monkeypatch.setattr(events, "_redis", lambda: away)
    assert settled_cursor() == ""


async def test_replay_is_exact_for_every_position(hub: Hub, server: RedisServer) -> None:
    for number in range(6):
        change("takehome-1", f"status-{number}")
    for number, cursor in enumerate(ids(server)):
        with hub.subscribe("takehome-1", after=cursor) as subscription:
            received = await receive_until(subscription, "beat")
        expected = [f"status-{later}" for later in range(number + 1, 6)]
        assert statuses(received) == [*expected, "beat"]
        assert received[-1][0] == ids(server)[-1]


async def test_replay_continues_into_live_events_without_gap_or_repeat(
    hub: Hub, server: RedisServer
) -> None:
    change("takehome-1", "status-0")
    first = ids(server)[0]
    with hub.subscribe("takehome-1", after=first) as early:
        await receive_until(early, "beat")
        received: list[object] = []
        for number in range(1, 60):
            change("takehome-1", f"status-{number}")
            with hub.subscribe("takehome-1", after=first) as late:
                last = f"status-{number}"
                found: list[object] = []

                def caught_up(late: Subscription = late, found: list[object] = found) -> bool:
                    found.extend(statuses(read(late.drain())))
                    return last in found  # noqa: B023 - called within this round

                await until(caught_up)
                expected = [f"status-{n}" for n in range(1, number + 1)]
                assert [status for status in found if status != "beat"] == expected
            received.extend(statuses(read(early.drain())))
        assert received == [f"status-{number}" for number in range(1, 60)]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "1-1", "-5-0", "99999999999999-0", "9" * 400 + "-0", "1_0-0", "٣-٠", "1-0\n", "0-0"],
)
async def test_cursor_that_is_not_on_the_stream_syncs(
    hub: Hub, server: RedisServer, cursor: str
) -> None:
    change("takehome-1")
    with hub.subscribe("takehome-1", after=cursor) as subscription:
        received = await receive_until(subscription, "beat")
    assert [name for _, name, _ in received] == ["sync", "beat"]
    assert received[0][0] == ids(server)[-1]


async def test_trimmed_cursor_syncs(hub: Hub, server: RedisServer) -> None:
    for _ in range(5):
        change("takehome-1")
    cursor = ids(server)[1]
    server.client.xtrim("events", maxlen=2, approximate=False)
    with hub.subscribe("takehome-1", after=cursor) as subscription:
        assert statuses(await receive_until(subscription, "beat")) == ["sync", "beat"]


async def test_cursor_out_of_history_syncs(server: RedisServer) -> None:
    hub = Hub(server.url, "events", block=0.1, history=3)
    for _ in range(5):
        change("takehome-1")
    with hub.subscribe("takehome-1", after=ids(server)[1]) as subscription:
        assert statuses(await receive_until(subscription, "beat")) == ["sync", "beat"]
    await hub.close()


async def test_beat_moves_the_cursor_of_a_candidate_with_few_events(
    hub: Hub, server: RedisServer
) -> None:
    with hub.subscribe("takehome-1") as candidate, hub.subscribe(None) as staff:
        await receive_until(staff, "beat")
        change("takehome-2")
        await receive_until(staff, "interview")
        assert read(candidate.drain() + hub.heartbeat_frame())[-1][0] == ids(server)[-1]


async def test_one_reader_serves_all_subscriptions(hub: Hub, server: RedisServer) -> None:
    before = len(server.client.client_list())
    with hub.subscribe("takehome-1") as one, hub.subscribe("takehome-2"), hub.subscribe(None):
        await receive_until(one, "beat")
        assert len(server.client.client_list()) == before + 1
        assert len(hub) == 3
    assert len(hub) == 0
    assert hub._candidates == {}


async def test_beat_carries_the_servers_time_in_milliseconds(hub: Hub) -> None:
    with hub.subscribe(None) as staff:
        [_, (_, _, data)] = await receive_until(staff, "beat")
    assert sorted(data) == ["now"]
    assert re.fullmatch(r"[0-9]{13}", str(data["now"]))


def test_cursor_is_parsed_strictly() -> None:
    assert parse_cursor("12-3") == (12, 3)
    assert [parse_cursor(text) for text in ("12", "-3", "12-3-4", " 1-2", "a-b")] == [None] * 5


def test_redis_client_is_the_one_that_publishes(server: RedisServer) -> None:
    assert isinstance(events._redis(), redis.Redis)
    change("takehome-1")
    assert len(ids(server)) == 1
