"""Connections of the consumer, without a server."""

from collections.abc import Iterator

import pytest

from interviews import events
from tests.operations.sse.stream_services import (
    RedisServer,
    redis_server,
)


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
