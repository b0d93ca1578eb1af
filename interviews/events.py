"""The events that browsers can receive, and `publish`.

An event is a hint: a name, ids and a status. It never carries a URL, a password, a person's name
or HTML: the browser fetches what it may see, and that request checks its permissions.
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, ClassVar

import redis
import structlog
from django.conf import settings
from pydantic.alias_generators import to_camel

log = structlog.get_logger(__name__)

# About the last hour of a busy day; a client that missed more gets a `sync` event, no replay.
STREAM_MAX_LENGTH = 10_000


@dataclass(frozen=True)
class InterviewChanged:
    """Something that a page shows about this interview changed."""

    name: ClassVar[str] = "interview"
    interview_id: str
    type: str
    status: str


@dataclass(frozen=True)
class PlaceChanged(InterviewChanged):
    """Its start waits in line for a workspace; `queue` has its `place` there, from 1."""

    queue: dict[str, int]


@dataclass(frozen=True)
class OperationChanged:
    """An operation was queued or leased, made a step, or ended."""

    name: ClassVar[str] = "operation"
    interview_id: str
    operation_id: str
    type: str
    status: str
    step: str | None


@dataclass(frozen=True)
class LogAdded:
    """An operation's log has a new line; staff only."""

    name: ClassVar[str] = "log"
    interview_id: str
    operation_id: str


@dataclass(frozen=True)
class ReviewsChanged:
    """A reviewer, a submitted review or the decision of this interview changed; staff only.

    It does not say which: a reviewer who has not scored must not learn that.
    """

    name: ClassVar[str] = "review"
    interview_id: str


@dataclass(frozen=True)
class SubmissionFailed:
    """A worker could not make the index of the archive at this place of the interview; staff only.

    Only the pages that wait for it should hear: to fetch a page again asks a worker again.
    """

    name: ClassVar[str] = "submission"
    interview_id: str
    opening: int


@dataclass(frozen=True)
class ChecksChanged:
    """A run of checks was queued, started or ended; staff only. A trial has no interview."""

    name: ClassVar[str] = "checks"
    interview_id: str
    challenge_id: str


@dataclass(frozen=True)
class ChallengeChanged:
    """Something that the library shows about this challenge changed; staff only."""

    name: ClassVar[str] = "challenge"
    interview_id: ClassVar[str] = ""
    challenge_id: str


@dataclass(frozen=True)
class BatchChanged:
    """A bulk invitation invited some or all of its candidates; staff only."""

    name: ClassVar[str] = "batch"
    interview_id: ClassVar[str] = ""
    batch_id: int


@dataclass(frozen=True)
class WebhookChanged:
    """A delivery was queued or sent, or the webhook itself changed; staff only."""

    name: ClassVar[str] = "webhook"
    interview_id: ClassVar[str] = ""
    webhook_id: int


@dataclass(frozen=True)
class WorkspacesChanged:
    """The engines were scanned, or an orphaned workspace was ended or kept; staff only."""

    name: ClassVar[str] = "workspaces"
    interview_id: ClassVar[str] = ""


Event = (
    InterviewChanged
    | OperationChanged
    | LogAdded
    | ReviewsChanged
    | SubmissionFailed
    | ChecksChanged
    | ChallengeChanged
    | BatchChanged
    | WebhookChanged
    | WorkspacesChanged
)


def stream_key() -> str:
    """Return the key of the Redis Stream that carries all events of this deployment."""
    return f"{settings.TABLE_PREFIX}events"


# How far back a page that is rendered now is told what changed. The row is there before its event,
# but not at once in the indexes that lists are read from.
SETTLED_SECONDS = 5
# A stream with so many newer entries has no such position.
_LATEST = 100


def settled_cursor() -> str:
    """Return the stream's position some seconds ago: what changed until then is in every index.

    A page that is read after this call, and told of the events after the position, misses nothing.
    Returns "" if there is no such position, or no Redis.
    """
    try:
        # Its own clock, which the positions are of: that of this machine may be ahead.
        seconds, _microseconds = _redis().time()
        settled_ms = (seconds - SETTLED_SECONDS) * 1000
        settled: Any = _redis().xrevrange(stream_key(), max=settled_ms, count=1)
        if not settled:
            return ""
        position = settled[0][0].decode()
        newer: Any = _redis().xrange(stream_key(), min=f"({position}", count=_LATEST)
    except redis.RedisError:
        return ""
    return "" if len(newer) == _LATEST else str(position)


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry_on_timeout=False
    )


def publish(event: Event) -> None:
    """Append the event to the stream.

    If Redis is unavailable, the event is lost and logged, and the caller continues: the row is
    written, and every page fetches it again once the stream is back.
    """
    fields = {
        "name": event.name,
        "interviewId": event.interview_id,
        "data": json.dumps({to_camel(key): value for key, value in asdict(event).items()}),
    }
    try:
        _redis().xadd(stream_key(), fields, maxlen=STREAM_MAX_LENGTH, approximate=True)  # type: ignore[arg-type]
    except redis.RedisError as error:
        log.warning("event_lost", event_name=event.name, reason=type(error).__name__)
