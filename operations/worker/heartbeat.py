"""The workers' heartbeats in Redis, where health checks read them.

Every tick writes its time, and so does a task in the queue of starts, which others may serve.
"""

import time
from datetime import UTC, datetime, timedelta
from functools import cache

import structlog
from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from operations.queue.routing import TaskQueue

log = structlog.get_logger(__name__)

# Long enough to report on a Monday that the last tick was on Friday.
HEARTBEAT_LIFETIME = timedelta(days=7)


@cache
def client() -> Redis:
    """A client that answers or fails within two seconds, so that health checks do not block."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )


def record_heartbeat(queue: TaskQueue = TaskQueue.ENDS) -> None:
    """Write that a worker serves this queue now. If Redis is unavailable, only log that."""
    try:
        client().set(_key(queue), time.time_ns() // 1_000_000, ex=HEARTBEAT_LIFETIME)
    except RedisError as error:
        log.warning("heartbeat_lost", reason=type(error).__name__)


def last_heartbeat(queue: TaskQueue = TaskQueue.ENDS) -> datetime | None:
    """The last heartbeat in this queue (ENDS: the last tick), or None within HEARTBEAT_LIFETIME.

    Raises:
        RedisError: if Redis is unavailable.
    """
    value = client().get(_key(queue))
    return None if value is None else datetime.fromtimestamp(int(str(value, "ascii")) / 1000, UTC)  # type: ignore[arg-type]


def _key(queue: TaskQueue) -> str:
    name = "heartbeat" if queue is TaskQueue.ENDS else f"heartbeat:{queue.value}"
    return f"{settings.TABLE_PREFIX}{name}"
