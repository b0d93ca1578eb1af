"""The circuit breaker of starts, shared by all workers through Redis.

When starts of one challenge version, or on one engine, fail one after the other, further ones are
refused at once, so that candidates do not wait minutes for an error. After a pause one start is let
through as a trial: if it succeeds, the breaker closes. Without Redis nothing is refused.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from django.conf import settings
from redis import RedisError

from interviews.models import Interview
from operations.provisioners.base import ProvisionError
from operations.worker import heartbeat

logger = structlog.get_logger(__name__)

# It opens after this many failures without a success, each within FAILURE_MEMORY of the one before.
FAILURES_TO_OPEN = 3
# Longer than a start that never answers takes to fail.
FAILURE_MEMORY = timedelta(minutes=15)
# The time between two trials while it is open.
TRIAL_INTERVAL = timedelta(minutes=3)
# An open breaker that nothing was tried on for this long is forgotten.
OPEN_LIFETIME = timedelta(days=1)

# `requested_by` of operations that no member of staff asked for.
NOT_STAFF = ("candidate", "schedule")


class SubjectKind(StrEnum):
    ENGINE = "engine"
    CHALLENGE = "challenge"


@dataclass(frozen=True)
class Subject:
    """What starts have in common: an engine with its image, or a version of a challenge."""

    kind: SubjectKind
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class OpenBreaker:
    """A subject whose starts are refused. `last_failed_at` is in epoch seconds."""

    kind: SubjectKind
    name: str
    failures: int
    last_failed_at: int
    problem: str

    @classmethod
    def parse(cls, row: bytes) -> "OpenBreaker":
        fields = json.loads(row)
        return cls(**fields | {"kind": SubjectKind(fields["kind"])})

    @property
    def is_remembered(self) -> bool:
        return datetime.now(UTC) - self.failed_at < OPEN_LIFETIME

    @property
    def failed_at(self) -> datetime:
        return datetime.fromtimestamp(self.last_failed_at, UTC)


class StartsPausedError(ProvisionError):
    """The breaker is open: this start is refused before it does anything."""


def check(interview: Interview, *, requested_by: str) -> None:
    """Refuse a start while a breaker is open, unless it is due as a trial or staff asked for it.

    A practice workspace is no trial, which a candidate's test may need.

    Raises:
        StartsPausedError: if it is refused.
    """
    try:
        for subject in _subjects(interview):
            breaker = _read(subject)
            if breaker is None:
                continue
            is_trial = not interview.is_practice and _client().set(
                _key("trial", subject), "1", ex=TRIAL_INTERVAL, nx=requested_by in NOT_STAFF
            )
            if not is_trial:
                raise StartsPausedError("provision", _refusal(breaker))
    except RedisError as error:
        logger.warning("breaker_unknown", reason=type(error).__name__)


def paused_ids(interviews: Iterable[Interview]) -> set[str]:
    """The ids of those whose starts `check` would refuse now, unless staff asked for them.

    It uses up no trial. Practice workspaces are left out: they wait for nothing.
    """
    try:
        subjects = [Subject(each.kind, each.name) for each in open_breakers()]
        paused = {each for each in subjects if _client().exists(_key("trial", each))}
    except RedisError as error:
        logger.warning("breaker_unknown", reason=type(error).__name__)
        return set()
    return {
        each.id
        for each in interviews
        if not each.is_practice and not paused.isdisjoint(_subjects(each))
    }


def record_failure(interview: Interview, problem: str) -> None:
    """Count a start that failed, and open the breakers of which it is one failure too many."""
    subjects = _subjects(interview)
    challenge = subjects[0]
    if interview.is_dry_run:
        # Staff tries out what may not work yet, which says little about the engine.
        subjects = [challenge]
    try:
        for subject in subjects:
            failed = _count_failure(subject, challenge)
            # A challenge that fails alone is not the engine's fault.
            is_common = subject.kind is SubjectKind.CHALLENGE or len(set(failed)) > 1
            before = _read(subject)
            if before is not None:
                _open(subject, before.failures + 1, problem)
            elif len(failed) >= FAILURES_TO_OPEN and is_common:
                _open(subject, len(failed), problem)
    except RedisError as error:
        logger.warning("breaker_unknown", reason=type(error).__name__)


def record_success(interview: Interview) -> None:
    """Close the breakers of a start that succeeded, and forget its failures."""
    subjects = _subjects(interview)
    try:
        _client().delete(*(_key("failures", subject) for subject in subjects))
        for subject in subjects:
            if _client().hdel(_key("open"), subject.key):
                logger.warning("starts_resumed", kind=subject.kind, name=subject.name)
    except RedisError as error:
        logger.warning("breaker_unknown", reason=type(error).__name__)


def open_breakers() -> list[OpenBreaker]:
    """The open breakers, newest failure first.

    Raises:
        RedisError: if Redis is unavailable.
    """
    rows: Any = _client().hvals(_key("open"))
    breakers = [OpenBreaker.parse(row) for row in rows]
    found = [breaker for breaker in breakers if breaker.is_remembered]
    return sorted(found, key=lambda breaker: (-breaker.last_failed_at, breaker.name))


def _subjects(interview: Interview) -> list[Subject]:
    """The challenge first: if it is refused, no trial of the engine is used up.

    A practice workspace has none of the challenge's files.
    """
    engine = str(interview.provisioner)
    if engine in ("docker", "swarm"):
        engine = f"{engine} ({settings.DOCKER_IMAGE})"
    elif engine == "kubernetes":
        engine = f"{engine} ({settings.KUBERNETES_IMAGE})"
    version = interview.challenge_version
    number = "" if version is None else f", version {int(version)}"
    challenge = Subject(SubjectKind.CHALLENGE, f"{interview.challenge}{number}")
    subjects = [challenge, Subject(SubjectKind.ENGINE, engine)]
    return subjects[1:] if interview.is_practice else subjects


def _read(subject: Subject) -> OpenBreaker | None:
    row: Any = _client().hget(_key("open"), subject.key)
    breaker = OpenBreaker.parse(row) if row is not None else None
    return breaker if breaker is not None and breaker.is_remembered else None


def _count_failure(subject: Subject, challenge: Subject) -> list[bytes]:
    """Add a failure, and return those remembered: the keys of their challenges."""
    key = _key("failures", subject)
    with _client().pipeline() as pipeline:
        pipeline.rpush(key, challenge.key)
        pipeline.ltrim(key, -FAILURES_TO_OPEN, -1)
        pipeline.expire(key, FAILURE_MEMORY)
        pipeline.lrange(key, 0, -1)
        failed: list[bytes] = pipeline.execute()[-1]
    return failed


def _open(subject: Subject, failures: int, problem: str) -> None:
    at = int(datetime.now(UTC).timestamp())
    breaker = OpenBreaker(subject.kind, subject.name, failures, at, problem)
    _client().set(_key("trial", subject), "1", ex=TRIAL_INTERVAL)
    if _client().hset(_key("open"), subject.key, json.dumps(asdict(breaker))):
        logger.error("starts_paused", kind=subject.kind, name=subject.name, problem=problem)


def _refusal(breaker: OpenBreaker) -> str:
    what = "on the engine" if breaker.kind is SubjectKind.ENGINE else "of the challenge"
    return (
        f"Not tried, because the last {breaker.failures} starts {what} {breaker.name} failed: "
        f"{breaker.problem} Staff can retry now; otherwise one start is tried every "
        f"{int(TRIAL_INTERVAL.total_seconds() // 60)} minutes."
    )


def _key(name: str, subject: Subject | None = None) -> str:
    suffix = f":{subject.key}" if subject is not None else ""
    return f"{settings.TABLE_PREFIX}breaker:{name}{suffix}"


def _client() -> Any:
    return heartbeat.client()
