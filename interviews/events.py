"""Every event a browser can hear, and publish().

An event is a hint: a name, ids and a status. It never carries a URL, a password, a person's name
or HTML: whoever hears it fetches what it may see through its own permission check.
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import ClassVar

import redis
import structlog
from django.conf import settings
from pydantic.alias_generators import to_camel

log = structlog.get_logger(__name__)

# About the last hour of a busy day; whoever was away longer gets a `sync` instead of a replay.
STREAM_MAX_LENGTH = 10_000


@dataclass(frozen=True)
class InterviewChanged:
    """Something that a page shows of this interview is different now."""

    name: ClassVar[str] = "interview"
    interview_id: str
    type: str
    status: str


@dataclass(frozen=True)
class OperationChanged:
    """An operation was queued, claimed, took a step, or ended."""

    name: ClassVar[str] = "operation"
    interview_id: str
    operation_id: str
    type: str
    status: str
    step: str | None


@dataclass(frozen=True)
class LogAdded:
    """An operation's log, which only staff reads, has a new line."""

    name: ClassVar[str] = "log"
    interview_id: str
    operation_id: str


@dataclass(frozen=True)
class ChallengeChanged:
    """Something that the library shows of this challenge is different now; for staff alone."""

    name: ClassVar[str] = "challenge"
    interview_id: ClassVar[str] = ""
    challenge_id: str


@dataclass(frozen=True)
class BatchChanged:
    """The candidates of a file were invited, or some of them; for staff alone."""

    name: ClassVar[str] = "batch"
    interview_id: ClassVar[str] = ""
    batch_id: int


@dataclass(frozen=True)
class WebhookChanged:
    """A message was queued for this webhook or sent to it, or the webhook is different now; for
    staff alone."""

    name: ClassVar[str] = "webhook"
    interview_id: ClassVar[str] = ""
    webhook_id: int


@dataclass(frozen=True)
class WorkspacesChanged:
    """The engines were looked at, or a workspace that nobody needs was ended or kept; for staff
    alone."""

    name: ClassVar[str] = "workspaces"
    interview_id: ClassVar[str] = ""


Event = (
    InterviewChanged
    | OperationChanged
    | LogAdded
    | ChallengeChanged
    | BatchChanged
    | WebhookChanged
    | WorkspacesChanged
)


def stream_key() -> str:
    """The key of the one Redis Stream that carries the events of this deployment."""
    return f"{settings.TABLE_PREFIX}events"


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry_on_timeout=False
    )


def publish(event: Event) -> None:
    """Append the event to the stream.

    With Redis away the event is lost and logged, and the caller goes on: the row is written, and
    every page re-fetches once the stream is back.
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
