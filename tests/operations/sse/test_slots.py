"""Streams are limited for all web processes together, and a killed process leaves no slot taken."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from operations.sse.slots import StreamLimit, StreamSlots, TooManyStreamsError
from tests.operations.sse.stream_services import RedisServer, redis_server, until

OWN = [StreamLimit("interview:a", 2), StreamLimit("address:192.0.2.1", 3)]
OTHER = [StreamLimit("interview:b", 2), StreamLimit("address:192.0.2.1", 3)]
MakeSlots = Callable[..., StreamSlots]


@pytest.fixture(scope="module")
def redis_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def web_process(redis_: RedisServer) -> AsyncIterator[MakeSlots]:
    """Call it for the slots of another web process."""
    made: list[StreamSlots] = []

    def make(lease: int = 60) -> StreamSlots:
        made.append(StreamSlots(redis_.url, "test-", lease=lease))
        return made[-1]

    yield make
    for slots in made:
        await slots.close()
    redis_.client.flushall()


async def take(stack: AsyncExitStack, slots: StreamSlots, limits: list[StreamLimit]) -> None:
    async with asyncio.timeout(10):
        await stack.enter_async_context(slots.hold(limits))


async def test_limit_holds_for_all_processes_together(web_process: MakeSlots) -> None:
    one, two = web_process(), web_process()
    async with AsyncExitStack() as stack:
        await take(stack, one, OWN)
        await take(stack, two, OWN)
        for slots in (one, two):
            with pytest.raises(TooManyStreamsError):
                await take(stack, slots, OWN)
        # Another interview has its own, but not its own address.
        await take(stack, one, OTHER)
        with pytest.raises(TooManyStreamsError):
            await take(stack, two, OTHER)


async def test_closed_stream_makes_room(web_process: MakeSlots, redis_: RedisServer) -> None:
    one, two = web_process(), web_process()
    for _ in range(5):
        async with AsyncExitStack() as stack:
            await take(stack, one, OWN)
            await take(stack, one, OWN)
        await until(lambda: not redis_.client.keys("test-*"))
    async with AsyncExitStack() as stack:
        await take(stack, two, OWN)


async def test_many_at_once_get_exactly_what_there_is(web_process: MakeSlots) -> None:
    processes = [web_process(), web_process()]
    limits = [StreamLimit("interview:a", 30)]
    async with AsyncExitStack() as stack:
        results = await asyncio.gather(
            *(take(stack, processes[n % 2], limits) for n in range(500)), return_exceptions=True
        )
    assert results.count(None) == 30
    assert all(isinstance(each, TooManyStreamsError) for each in results if each is not None)


async def test_slots_of_a_killed_process_run_out(web_process: MakeSlots) -> None:
    killed, alive = web_process(lease=1), web_process(lease=1)
    async with AsyncExitStack() as lost, AsyncExitStack() as stack:
        await take(lost, killed, OWN)
        await take(stack, alive, OWN)
        await killed.close()  # and so nothing renews its slot
        async with asyncio.timeout(10):
            while True:
                try:
                    await take(stack, alive, OWN)
                except TooManyStreamsError:
                    await asyncio.sleep(0.05)
                else:
                    break


async def test_open_stream_keeps_its_slot(web_process: MakeSlots, redis_: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        await take(stack, web_process(lease=1), OWN)
        # Lost by Redis, as in a restart, and restored by the next renewal.
        redis_.client.flushall()
        key = "test-streams:interview:a"
        await until(lambda: redis_.client.zcard(key))
        first = redis_.client.zrange(key, 0, -1, withscores=True)
        await until(lambda: redis_.client.zrange(key, 0, -1, withscores=True) != first)
        assert redis_.client.ttl(key) <= 1


async def test_without_redis_each_process_counts_for_itself(tmp_path: Path) -> None:
    with redis_server(tmp_path) as mortal:
        slots = StreamSlots(mortal.url, "")
        mortal.kill()
        async with AsyncExitStack() as stack:
            await take(stack, slots, OWN)
            await take(stack, slots, OWN)
            with pytest.raises(TooManyStreamsError):
                await take(stack, slots, OWN)
        async with AsyncExitStack() as stack:
            await take(stack, slots, OWN)
        await slots.close()


async def test_stream_that_gave_up_waiting_takes_no_slot(
    web_process: MakeSlots, redis_: RedisServer
) -> None:
    slots = web_process()
    async with AsyncExitStack() as stack:
        waiting = asyncio.create_task(take(stack, slots, OWN))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await take(stack, slots, OTHER)
        await until(lambda: not redis_.client.exists("test-streams:interview:a"))


async def test_error_in_the_task_keeps_no_stream_waiting(
    web_process: MakeSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("unexpected")

    slots = web_process()
    monkeypatch.setattr(slots, "_send", fail)
    async with AsyncExitStack() as stack:
        await take(stack, slots, OWN)
        await take(stack, slots, OWN)
    assert slots._task is not None
    assert isinstance(slots._task.exception(), RuntimeError)
