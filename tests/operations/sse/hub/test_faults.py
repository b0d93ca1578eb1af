"""The hub when Redis or its reader fails, and when there are too many events."""

import json
from typing import Any

import pytest

from operations.sse.hub import LIVE_BATCH, Hub
from operations.sse.subscription import MAX_WAITING_FRAMES
from tests.operations.sse.hub.receiving import change, ids, read, receive_until, statuses
from tests.operations.sse.stream_services import RedisServer, until


async def test_slow_subscription_collapses_to_one_sync_and_keeps_the_newest(hub: Hub) -> None:
    with hub.subscribe("takehome-1") as slow, hub.subscribe("takehome-1") as quick:
        await receive_until(slow, "beat")
        await receive_until(quick, "beat")
        for number in range(MAX_WAITING_FRAMES + 10):
            change("takehome-1", f"status-{number}")
            if number % 50 == 0:
                await receive_until(quick, "interview")
        newest = f"status-{MAX_WAITING_FRAMES + 9}".encode()
        await until(lambda: newest in b"".join(slow._frames))
        assert len(slow._frames) <= MAX_WAITING_FRAMES
        received = read(slow.drain())
    assert statuses(received)[0] == "sync"
    assert statuses(received).count("sync") == 1
    assert statuses(received)[-1] == newest.decode()


async def test_replay_of_too_many_events_is_one_sync(hub: Hub, server: RedisServer) -> None:
    for number in range(MAX_WAITING_FRAMES + 10):
        change("takehome-1", f"status-{number}")
    with hub.subscribe("takehome-1", after=ids(server)[0]) as subscription:
        assert statuses(await receive_until(subscription, "beat")) == ["sync", "beat"]


async def test_burst_larger_than_a_batch_is_delivered_completely(
    hub: Hub, server: RedisServer
) -> None:
    with hub.subscribe("takehome-1") as subscription:
        await receive_until(subscription, "beat")
        with server.client.pipeline() as pipe:
            for number in range(LIVE_BATCH * 3):
                who = "takehome-1" if number % 10 == 0 else "takehome-2"
                data = json.dumps({"status": f"status-{number}"})
                pipe.xadd("events", {"name": "interview", "interviewId": who, "data": data})
            pipe.execute()
        await until(
            lambda: f"status-{LIVE_BATCH * 3 - 10}".encode() in b"".join(subscription._frames)
        )
        received = statuses(read(subscription.drain()))
    assert received == [f"status-{number}" for number in range(0, LIVE_BATCH * 3, 10)]


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "interview", "interviewId": "takehome-1", "data": "{not json"},
        {"name": "interview\ndata: forged", "interviewId": "takehome-1", "data": "{}"},
        {"name": "interview", "data": "{}"},
        {"name": b"\xff", "interviewId": b"\xff", "data": "{}"},
    ],
)
async def test_bad_entry_is_skipped_and_the_next_is_delivered(
    hub: Hub, server: RedisServer, entry: Any
) -> None:
    with hub.subscribe(None) as staff:
        await receive_until(staff, "beat")
        server.client.xadd("events", entry)
        change("takehome-1", "revoked")
        assert statuses(await receive_until(staff, "interview")) == ["revoked"]


async def test_redis_restart_is_reported_and_recovers_with_sync(
    mortal_redis: RedisServer,
) -> None:
    hub = Hub(mortal_redis.url, "events", block=0.1)
    change("takehome-1", "activated")
    with hub.subscribe("takehome-1") as subscription, hub.subscribe(None) as staff:
        await receive_until(subscription, "beat")
        mortal_redis.kill()
        assert [name for _, name, _ in await receive_until(subscription, "down")] == ["down"]
        with hub.subscribe("takehome-1", after=f"{hub.position[0]}-0") as newcomer:
            assert [name for _, name, _ in await receive_until(newcomer, "down")] == ["down"]
            mortal_redis.start()
            for each in (subscription, staff, newcomer):
                assert [name for _, name, _ in await receive_until(each, "beat")][-2:] == [
                    "sync",
                    "beat",
                ]
        change("takehome-1", "active")
        assert statuses(await receive_until(subscription, "interview")) == ["active"]
    await hub.close()


async def test_cursor_from_before_a_redis_restart_syncs(mortal_redis: RedisServer) -> None:
    change("takehome-1", "activated")
    cursor = ids(mortal_redis)[0]
    mortal_redis.kill()
    mortal_redis.start()
    hub = Hub(mortal_redis.url, "events", block=0.1)
    with hub.subscribe("takehome-1", after=cursor) as subscription:
        assert [name for _, name, _ in await receive_until(subscription, "beat")] == [
            "sync",
            "beat",
        ]
    await hub.close()


async def test_flushed_stream_with_lower_ids_is_noticed(hub: Hub, server: RedisServer) -> None:
    change("takehome-1", "activated")
    with hub.subscribe("takehome-1", after=ids(server)[0]) as subscription:
        await receive_until(subscription, "beat")
        server.client.flushall()
        fields: Any = {
            "name": "interview",
            "interviewId": "takehome-1",
            "data": '{"status":"active"}',
        }
        server.client.xadd("events", fields, id="5-0")
        assert (await receive_until(subscription, "sync"))[0][:2] == ("5-0", "sync")
        server.client.xadd("events", fields, id="6-0")
        assert [c for c, _, _ in await receive_until(subscription, "interview")] == ["6-0"]


async def test_lost_connection_of_the_reader_recovers(hub: Hub, server: RedisServer) -> None:
    with hub.subscribe("takehome-1") as subscription:
        await receive_until(subscription, "beat")
        server.client.client_kill_filter(_type="normal", skipme=True)
        assert [name for _, name, _ in await receive_until(subscription, "sync")][-1] == "sync"
        change("takehome-1", "active")
        await receive_until(subscription, "interview")


async def test_wrong_type_of_key_is_down_and_recovers(hub: Hub, server: RedisServer) -> None:
    server.client.set("events", "text")
    with hub.subscribe("takehome-1") as subscription:
        assert [name for _, name, _ in await receive_until(subscription, "down")] == ["down"]
        server.client.delete("events")
        await receive_until(subscription, "sync")


async def test_reader_that_crashed_is_restarted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: object) -> None:
        raise RuntimeError

    with hub.subscribe("takehome-1") as subscription:
        await receive_until(subscription, "beat")
        with monkeypatch.context() as patch:
            patch.setattr(hub, "_deliver", fail)
            change("takehome-1")
            await receive_until(subscription, "down")
        assert statuses(await receive_until(subscription, "beat")) == ["sync", "beat"]
