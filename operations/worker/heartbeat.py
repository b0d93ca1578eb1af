"""The workers' sign of life: every tick leaves its time in Redis, for who asks for it."""

import time
from datetime import UTC, datetime, timedelta
from functools import cache

import structlog
from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

# Long enough to say on a Monday that the last tick was on Friday.
HEARTBEAT_LIFETIME = timedelta(days=7)


@cache
def client() -> Redis:
    """Answers or fails within a second or two: whoever asks for health must not wait."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )


def record_heartbeat() -> None:
    """A tick was done just now. With Redis away nobody is told, and nothing else happens."""
    try:
        client().set(_key(), time.time_ns() // 1_000_000, ex=HEARTBEAT_LIFETIME)
    except RedisError as error:
        log.warning("heartbeat_lost", reason=type(error).__name__)


def last_heartbeat() -> datetime | None:
    """When the last tick was done, if that is known. Raises RedisError."""
    found = client().get(_key())
    return None if found is None else datetime.fromtimestamp(int(str(found, "ascii")) / 1000, UTC)  # type: ignore[arg-type]


def _key() -> str:
    return f"{settings.TABLE_PREFIX}heartbeat"
