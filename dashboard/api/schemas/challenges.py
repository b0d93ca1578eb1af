"""Schemas of challenges in the API: the form's rules, under the stored attribute names."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict

from interviews.challenges.models import Challenge
from interviews.challenges.schemas import Minutes, OptionalChallengeFields, Title
from interviews.schemas import CAMEL

# Like the times of an interview. Stored milliseconds would appear in the JSON, except where they
# happen to be zero.
WholeSeconds = Annotated[datetime, AfterValidator(lambda at: at.replace(microsecond=0))]


class VersionIn(OptionalChallengeFields):
    """What is left out is as in the version that it is based on."""

    name: Title | None = None
    duration_minutes: Minutes | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were sent, by their names in `About`."""
        return self.model_dump(exclude_unset=True)


class DryRunIn(Schema):
    """Without a version: the current one."""

    model_config = ConfigDict(strict=True)

    version: int | None = None


class ChallengeOut(Schema):
    """A challenge as it is now. MiB; `usageCount`: interviews that were created with it."""

    model_config = CAMEL

    id: str
    version: int | None
    name: str
    description: str
    language: str
    duration_minutes: int
    cpus: float | None
    memory_mb: int | None
    archived: bool
    usage_count: int
    last_used_at: WholeSeconds | None
    updated_at: WholeSeconds | None

    @staticmethod
    def resolve_version(challenge: Challenge) -> int | None:
        return None if challenge.number is None else int(challenge.number)

    @staticmethod
    def resolve_archived(challenge: Challenge) -> bool:
        return challenge.is_archived

    @staticmethod
    def resolve_usage_count(challenge: Challenge) -> int:
        return int(challenge.usage_count or 0)


class ChallengePage(Schema):
    items: list[ChallengeOut]
    next: str | None


class VersionOut(Schema):
    """A version, and how long its last dry run took to start or why it did not."""

    model_config = CAMEL

    number: int
    name: str
    language: str
    duration_minutes: int
    cpus: float | None
    memory_mb: int | None
    file_count: int
    total_bytes: int
    created_at: datetime | None
    created_by: str | None
    dry_run_at: datetime | None
    dry_run_seconds: float | None
    dry_run_problem: str | None
    dry_run_interview: str | None


class VersionPage(Schema):
    items: list[VersionOut]
    next: str | None


class FileOut(Schema):
    """A file. `executable` is null in versions that were saved before it was recorded."""

    path: str
    size: int
    sha256: str | None
    executable: bool | None


class WholeVersionOut(VersionOut):
    description: str
    files: list[FileOut]
