"""The workers' sign of life, on a real Redis and on none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis, RedisError

from operations import tasks
from operations.worker import heartbeat


@pytest.fixture
def redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Redis:
    client = Redis.from_url(redis_url)
    client.flushall()
    monkeypatch.setattr(heartbeat, "client", lambda: client)
    return client


@pytest.fixture
def away() -> Iterator[None]:
    """The Redis of the tests' settings, which nobody started."""
    heartbeat.client.cache_clear()
    yield
    heartbeat.client.cache_clear()


def test_nothing_is_known_before_the_first_tick(redis: Redis) -> None:
    assert heartbeat.last_heartbeat() is None


def test_a_tick_leaves_its_time(redis: Redis, tables: None) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    tasks.tick()
    last = heartbeat.last_heartbeat()
    assert last is not None
    assert before <= last <= datetime.now(UTC)


def test_deployments_that_share_a_redis_have_one_each(redis: Redis, settings: object) -> None:
    heartbeat.record_heartbeat()
    settings.TABLE_PREFIX = "other-"  # type: ignore[attr-defined]
    assert heartbeat.last_heartbeat() is None


def test_it_is_not_kept_for_ever(redis: Redis) -> None:
    heartbeat.record_heartbeat()
    assert 0 < int(redis.ttl("heartbeat")) <= heartbeat.HEARTBEAT_LIFETIME.total_seconds()


def test_without_redis_a_tick_is_done_all_the_same(away: None) -> None:
    heartbeat.record_heartbeat()


def test_without_redis_it_cannot_be_told(away: None) -> None:
    with pytest.raises(RedisError):
        heartbeat.last_heartbeat()
