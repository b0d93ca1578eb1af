"""An event stream on the test's own Redis, and health checks without their waits."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from interviews import events
from operations import deadlines
from operations.sse.hub import Hub
from tests.operations.sse.stream_services import RedisServer, redis_server


@pytest.fixture
def immediate_health_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second check comes without a delay, and no earlier test's check is waited for."""
    monkeypatch.setattr("operations.worker.handler.shutdown_requested.wait", lambda seconds: False)
    deadlines._health_check_waits.clear()


@pytest.fixture
def mortal_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A redis-server that the test may kill."""
    with redis_server(tmp_path) as server:
        monkeypatch.setattr(events, "_redis", lambda: server.client)
        yield server


@pytest.fixture
async def hub(server: RedisServer) -> AsyncIterator[Hub]:
    """A hub that reads the stream of the test's fixture `server`."""
    hub = Hub(server.url, "events", block=0.1)
    yield hub
    await hub.close()
