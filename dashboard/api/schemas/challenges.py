"""Schemas of challenges in the API: the form's rules, under the stored attribute names."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from interviews.challenges.criteria import Criteria, Criterion
from interviews.challenges.models import Challenge, Version
from interviews.challenges.policy import Stance
from interviews.challenges.schemas import Minutes, OptionalChallengeFields, Title
from interviews.challenges.upload_report import UploadReport
from interviews.challenges.zip_names import NameEncoding
from interviews.schemas.fields import CAMEL, CAMEL_ANSWER

# Like the times of an interview. Stored milliseconds would appear in the JSON, except where they
# happen to be zero.
WholeSeconds = Annotated[datetime, AfterValidator(lambda at: at.replace(microsecond=0))]


class VersionIn(OptionalChallengeFields):
    """Fields that you leave out are taken from the version that it is based on."""

    name: Title | None = None
    duration_minutes: Minutes | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were sent, by their names in `About`."""
        return self.model_dump(exclude_unset=True)


class CriteriaIn(Schema):
    """The criteria of the next version, in their order."""

    model_config = CAMEL

    criteria: Criteria
    base_version: Annotated[
        int | None,
        Field(description="The version that you started from. Leave it out if there was none"),
    ] = None


class CriterionOut(Schema):
    """What reviewers score from 1 to 4; `good`: what good looks like; `weight`: 1 to 5."""

    name: str
    good: str
    weight: int


class DryRunIn(Schema):
    """The version defaults to the current one."""

    model_config = ConfigDict(strict=True)

    version: int | None = None


class ChallengeOut(Schema):
    """A challenge. Memory is in MiB; `usageCount`: interviews that were created with it."""

    model_config = CAMEL_ANSWER

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


class ConvertedOut(Schema):
    """A text that was rewritten as UTF-8 without a byte order mark, and what it was before."""

    path: str
    was: str


class UploadOut(Schema):
    """How the upload was read. Paths are those of the upload, and folders end with `/`.

    `nameEncoding` is null without a zip.
    """

    model_config = CAMEL_ANSWER

    name_encoding: NameEncoding | None
    name_encoding_guessed: bool
    left_out: list[str]
    empty_folders: list[str]
    converted: list[ConvertedOut]


class _WithUpload(Schema):
    """What was saved with this request, and `upload`, which is null if no files were sent."""

    upload: UploadOut | None

    @staticmethod
    def resolve_upload(_saved: object, context: dict[str, Any]) -> UploadReport | None:
        report: UploadReport | None = getattr(context["request"], "upload_report", None)
        return report


class CreatedChallengeOut(ChallengeOut, _WithUpload):
    pass


class ChallengePage(Schema):
    items: list[ChallengeOut]
    next: str | None


class VersionOut(Schema):
    """A version, and how long its last dry run took to start or why it did not."""

    model_config = CAMEL_ANSWER

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


class SavedVersionOut(VersionOut, _WithUpload):
    pass


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
    """`aiAssistants`, `internet` and `libraries` are null if the version says nothing of them."""

    description: str
    ai_assistants: Stance | None
    internet: Stance | None
    libraries: Stance | None
    policy_note: str
    criteria: list[CriterionOut]
    files: list[FileOut]

    @staticmethod
    def resolve_policy_note(version: Version) -> str:
        return version.policy.note

    @staticmethod
    def resolve_criteria(version: Version) -> tuple[Criterion, ...]:
        return version.about.criteria
