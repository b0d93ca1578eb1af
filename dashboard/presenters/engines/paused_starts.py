"""The notice that starts of a challenge or on an engine are paused, as they failed each time."""

import structlog
from redis import RedisError

from operations.worker import breaker
from operations.worker.breaker import OpenBreaker

logger = structlog.get_logger(__name__)


TRIAL_MINUTES = int(breaker.TRIAL_INTERVAL.total_seconds() // 60)


def paused_starts() -> list[OpenBreaker]:
    """The open circuit breakers. Empty while Redis is unavailable: then no start is refused."""
    try:
        return breaker.open_breakers()
    except RedisError as error:
        logger.warning("breaker_unknown", reason=type(error).__name__)
        return []


def notice_context() -> dict[str, object]:
    """The context of the notice's template."""
    return {"paused_starts": paused_starts(), "trial_minutes": TRIAL_MINUTES}
