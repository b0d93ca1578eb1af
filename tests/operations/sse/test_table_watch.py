"""Pages that are open learn that the tables do not answer, and that they do again."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from pynamodb.exceptions import GetError, PynamoDBException

from operations.sse.hub import Hub
from operations.sse.table_watch import TableWatch, read_tables
from tests.dynamodb.server import DynamoDB
from tests.operations.sse.hub.receiving import change, receive_until
from tests.operations.sse.stream_services import RedisServer, redis_server, until


class Tables:
    """Tables that fail or hang while the test wants it. Counts the reads."""

    def __init__(self) -> None:
        self.fails = False
        self.answers = threading.Event()
        self.answers.set()
        self.reads = 0

    def read(self) -> None:
        self.reads += 1
        assert self.answers.wait(10)
        if self.fails:
            raise GetError("away")


@pytest.fixture
def tables() -> Iterator[Tables]:
    made = Tables()
    yield made
    made.answers.set()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def hub(
    redis: RedisServer, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Hub]:
    redis.client.flushall()
    monkeypatch.setattr("interviews.events._redis", lambda: redis.client)
    watch = TableWatch(tables.read, interval=0.02, timeout=0.1)
    hub = Hub(redis.url, "events", block=0.1, tables=watch)
    yield hub
    tables.answers.set()
    await hub.close()


@pytest.mark.parametrize("hang", [False, True])
async def test_outage_is_told_and_ends_with_one_sync(hub: Hub, tables: Tables, hang: bool) -> None:
    with hub.subscribe("takehome-1") as subscription:
        await receive_until(subscription, "beat")
        if hang:
            tables.answers.clear()
        else:
            tables.fails = True
        assert [name for _, name, _ in await receive_until(subscription, "down")] == ["down"]
        assert b"event: down" in hub.heartbeat_frame()
        tables.fails = False
        tables.answers.set()
        received = await receive_until(subscription, "beat")
        assert [name for _, name, _ in received] == ["sync", "beat"]


async def test_page_that_comes_during_an_outage_is_told_at_once(hub: Hub, tables: Tables) -> None:
    tables.fails = True
    with hub.subscribe(None) as first:
        await receive_until(first, "down")
        with hub.subscribe(None) as second:
            await receive_until(second, "down")


async def test_events_are_delivered_during_an_outage(hub: Hub, tables: Tables) -> None:
    tables.fails = True
    with hub.subscribe(None) as subscription:
        await receive_until(subscription, "down")
        change("takehome-1")
        await receive_until(subscription, "interview")


async def test_hanging_read_is_not_repeated_beside_itself(hub: Hub, tables: Tables) -> None:
    tables.answers.clear()
    with hub.subscribe(None) as subscription:
        await receive_until(subscription, "down")
        await asyncio.sleep(0.3)
        assert tables.reads == 1


async def test_watch_survives_an_unexpected_error(
    hub: Hub, tables: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    reads = tables.reads
    broken, tables.read = tables.read, lambda: 1 / 0  # type: ignore[method-assign, assignment]
    hub._tables = TableWatch(lambda: tables.read(), interval=0.02, timeout=0.1)
    with hub.subscribe(None) as subscription:
        await until(lambda: "table_watch_failed" in caplog.text)
        tables.read = broken  # type: ignore[method-assign]
        await until(lambda: tables.reads > reads)
        await receive_until(subscription, "beat")


async def test_no_page_no_reads(hub: Hub, tables: Tables) -> None:
    await asyncio.sleep(0.1)
    assert tables.reads == 0


def test_probe_needs_the_table_and_no_row(dynamodb: DynamoDB, made_tables: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamodb, "tables", {})
        with pytest.raises(PynamoDBException):
            read_tables()
        patch.setattr(dynamodb, "tables", made_tables)
        read_tables()
