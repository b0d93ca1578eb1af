"""The workers' heartbeat, on a real Redis and without one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis, RedisError

from operations import tasks
from operations.queue.routing import TaskQueue
from operations.worker import heartbeat


@pytest.fixture
def redis_unavailable() -> Iterator[None]:
    """Use the Redis of the tests' settings, which is not running."""
    heartbeat.client.cache_clear()
    yield
    heartbeat.client.cache_clear()


def test_no_heartbeat_before_the_first_tick(redis: Redis) -> None:
    assert heartbeat.last_heartbeat() is None


def test_tick_records_its_time(redis: Redis, tables: None) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    tasks.tick()
    last = heartbeat.last_heartbeat()
    assert last is not None
    assert before <= last <= datetime.now(UTC)


def test_deployments_on_a_shared_redis_have_separate_heartbeats(
    redis: Redis, settings: object
) -> None:
    heartbeat.record_heartbeat()
    settings.TABLE_PREFIX = "other-"  # type: ignore[attr-defined]
    assert heartbeat.last_heartbeat() is None


def test_starts_have_a_heartbeat_of_their_own(redis: Redis) -> None:
    tasks.starts_heartbeat()
    assert heartbeat.last_heartbeat() is None
    assert heartbeat.last_heartbeat(TaskQueue.STARTS) is not None


def test_heartbeat_expires(redis: Redis) -> None:
    heartbeat.record_heartbeat()
    assert 0 < int(redis.ttl("heartbeat")) <= heartbeat.HEARTBEAT_LIFETIME.total_seconds()


def test_tick_works_without_redis(redis_unavailable: None) -> None:
    heartbeat.record_heartbeat()


def test_last_heartbeat_raises_without_redis(redis_unavailable: None) -> None:
    with pytest.raises(RedisError):
        heartbeat.last_heartbeat()
