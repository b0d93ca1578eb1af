"""A stream of events on a Redis of the test's own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from interviews import events
from operations.sse.hub import Hub
from tests.operations.sse.stream_services import RedisServer, redis_server


@pytest.fixture
def mortal_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """To be killed, if need be."""
    with redis_server(tmp_path) as server:
        monkeypatch.setattr(events, "_redis", lambda: server.client)
        yield server


@pytest.fixture
async def hub(server: RedisServer) -> AsyncIterator[Hub]:
    """Reads the stream of the `server` that the test has."""
    hub = Hub(server.url, "events", block=0.1)
    yield hub
    await hub.close()
