"""How often is too often: counts per minute, shared by all web processes through Redis.

With Redis away each process counts for itself, so that nothing is locked and nothing is open.
"""

import math
import time
from collections.abc import Callable
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network

import structlog
from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import ConnectionPool, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

# After a failure Redis is left alone for so many seconds: a page must not wait for it each time.
REDIS_RETRY_AFTER = 5.0


def client_network(address: str) -> str:
    """What counts as one address: of IPv6, a whole /64, which is what one customer has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def record_attempt(name: str, key: str, per_minute: int) -> int | None:
    """Count one; returns the seconds to wait if it was one too many, else None."""
    limit = RateLimitItemPerMinute(per_minute)

    def count(limiter: MovingWindowRateLimiter) -> int | None:
        return None if limiter.hit(limit, name, key) else _wait(limiter, limit, name, key)

    return _counter().ask(count)


def retry_after(name: str, key: str, per_minute: int) -> int | None:
    """Count nothing; returns the seconds to wait if the next one would be one too many."""
    limit = RateLimitItemPerMinute(per_minute)

    def look(limiter: MovingWindowRateLimiter) -> int | None:
        return None if limiter.test(limit, name, key) else _wait(limiter, limit, name, key)

    return _counter().ask(look)


def reset_attempts(name: str, key: str, per_minute: int) -> None:
    """Forget what was counted: it turned out to be somebody who may."""
    limit = RateLimitItemPerMinute(per_minute)
    _counter().ask(lambda limiter: limiter.clear(limit, name, key))


class AttemptCounter:
    """The counts in Redis, and those of this process for when it is away."""

    def __init__(self, url: str, prefix: str) -> None:
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=1,
            socket_connect_timeout=1,
            retry=Retry(NoBackoff(), 0),
        )
        self._shared = MovingWindowRateLimiter(
            # The address is only there to name the kind of storage: the pool knows the server.
            RedisStorage("redis://", connection_pool=pool, key_prefix=f"{prefix}throttle")
        )
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._away_until = 0.0

    def ask(self, question: Callable[[MovingWindowRateLimiter], int | None]) -> int | None:
        if time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except RedisError as error:
                self._away_until = time.monotonic() + REDIS_RETRY_AFTER
                log.warning("throttle_alone", reason=type(error).__name__)
        return question(self._own)


@cache
def _counter() -> AttemptCounter:
    return AttemptCounter(settings.REDIS_URL, settings.TABLE_PREFIX)


def _wait(
    limiter: MovingWindowRateLimiter, limit: RateLimitItemPerMinute, name: str, key: str
) -> int:
    reset_at = limiter.get_window_stats(limit, name, key).reset_time
    return max(1, math.ceil(reset_at - time.time()))
