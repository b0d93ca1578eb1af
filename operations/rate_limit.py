"""Rate limiting per minute or some minutes, shared by all web processes through Redis.

While Redis is unavailable each process counts for itself, so that a failure neither locks people
out nor lifts the limits.
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

# Seconds before Redis is tried again after a failure: a page must not wait for it on each request.
REDIS_RETRY_AFTER = 5.0


def client_network(address: str) -> str:
    """The IPv4 address, or the /64 network of an IPv6 address, which is what one customer has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def record_attempt(name: str, key: str, attempts: int, minutes: int = 1) -> int | None:
    """Count an attempt. Returns the seconds to wait if it exceeds the limit, else None."""
    limit = RateLimitItemPerMinute(attempts, minutes)

    def hit(limiter: MovingWindowRateLimiter) -> int | None:
        return None if limiter.hit(limit, name, key) else _wait(limiter, limit, name, key)

    return _counter().apply(hit)


def retry_after(name: str, key: str, attempts: int, minutes: int = 1) -> int | None:
    """The seconds to wait if the next attempt would exceed the limit, else None. Counts nothing."""
    limit = RateLimitItemPerMinute(attempts, minutes)

    def test(limiter: MovingWindowRateLimiter) -> int | None:
        return None if limiter.test(limit, name, key) else _wait(limiter, limit, name, key)

    return _counter().apply(test)


def reset_attempts(name: str, key: str, attempts: int, minutes: int = 1) -> None:
    """Clear the count, after a successful attempt."""
    limit = RateLimitItemPerMinute(attempts, minutes)
    _counter().apply(lambda limiter: limiter.clear(limit, name, key))


class AttemptCounter:
    """The counts in Redis, and those of this process for when Redis is unavailable."""

    def __init__(self, url: str, prefix: str) -> None:
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=1,
            socket_connect_timeout=1,
            retry=Retry(NoBackoff(), 0),
        )
        self._shared = MovingWindowRateLimiter(
            # The URL only names the kind of storage; the pool connects to the server.
            RedisStorage("redis://", connection_pool=pool, key_prefix=f"{prefix}throttle")
        )
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._redis_retry_at = 0.0

    def apply(self, operation: Callable[[MovingWindowRateLimiter], int | None]) -> int | None:
        if time.monotonic() >= self._redis_retry_at:
            try:
                return operation(self._shared)
            except RedisError as error:
                self._redis_retry_at = time.monotonic() + REDIS_RETRY_AFTER
                log.warning("throttle_alone", reason=type(error).__name__)
        return operation(self._local)


@cache
def _counter() -> AttemptCounter:
    return AttemptCounter(settings.REDIS_URL, settings.TABLE_PREFIX)


def _wait(
    limiter: MovingWindowRateLimiter, limit: RateLimitItemPerMinute, name: str, key: str
) -> int:
    reset_at = limiter.get_window_stats(limit, name, key).reset_time
    return max(1, math.ceil(reset_at - time.time()))
