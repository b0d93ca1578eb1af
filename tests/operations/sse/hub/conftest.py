"""Subscriptions, and what they receive."""

from collections.abc import Iterator

import pytest

from interviews import events
from tests.operations.sse.stream_services import RedisServer, redis_server


@pytest.fixture(scope="module")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def server(shared_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    shared_redis.client.flushall()
    monkeypatch.setattr(events, "_redis", lambda: shared_redis.client)
    return shared_redis
