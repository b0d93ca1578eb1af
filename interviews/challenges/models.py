"""The rows of the challenge library: a challenge, and each version of it."""

from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import (
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from interviews.challenges.storage import README, ChallengeFile
from interviews.dynamodb import MillisecondsAttribute, table_meta

ACTIVE, ARCHIVED = "true", "false"


@dataclass(frozen=True)
class ChallengeDetails:
    """What is said of a challenge. Minutes; processors; MiB (None: as the engine has it)."""

    name: str
    description: str
    language: str
    duration_minutes: int
    cpus: float | None = None
    memory_mb: int | None = None
    # The path, among the files, of the task's full text.
    instructions: str = README


class ActiveIndex(GlobalSecondaryIndex["Challenge"]):
    """The challenges on offer, by name. A key cannot be a BOOL, hence 'true' and 'false'."""

    class Meta:
        index_name = "ActiveIndex"
        projection = AllProjection()

    is_active = UnicodeAttribute(attr_name="isActive", hash_key=True)
    name = UnicodeAttribute(range_key=True)


class Challenge(Model):
    """A task that candidates are given: what is current of it, and how it is used."""

    Meta = table_meta("challenges")

    active_index = ActiveIndex()

    id = UnicodeAttribute(hash_key=True)
    # The current version; None: the row was written before there were versions.
    number = NumberAttribute(null=True)
    name = UnicodeAttribute()
    # One or two sentences, which the candidate reads before the start.
    description = UnicodeAttribute(default="")
    instructions = UnicodeAttribute(default=README)
    language = UnicodeAttribute(default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes", default=240)
    is_active = UnicodeAttribute(attr_name="isActive", default=ACTIVE)
    # Where the files of the current version lie.
    version = UnicodeAttribute(null=True)
    # Of rows without versions; a version has its own list.
    files = ListAttribute(of=ChallengeFile, default=list)
    # cpu (1024 is one processor), memory (MiB), storage.
    ecs_config: MapAttribute[str, Any] = MapAttribute(attr_name="ecsConfig", null=True)
    usage_count = NumberAttribute(attr_name="usageCount", null=True)
    # This table never used seconds.
    last_used_at = MillisecondsAttribute(attr_name="lastUsedAt", null=True)
    updated_at = MillisecondsAttribute(attr_name="updatedAt", null=True)

    def __repr__(self) -> str:
        return f"<Challenge {self.id} {self.number}>"

    @property
    def is_archived(self) -> bool:
        return self.is_active != ACTIVE

    @property
    def cpus(self) -> float | None:
        """How many processors its workspaces may use; None: as the engine has it."""
        shares = _number(self.ecs_config, "cpu")
        return shares / 1024 if shares else None

    @property
    def memory_mb(self) -> int | None:
        """How much memory (MiB) its workspaces may use; None: as the engine has it."""
        memory = _number(self.ecs_config, "memory")
        return int(memory) if memory else None


class Version(Model):
    """A challenge as it was saved once, and how long its last dry run took to start."""

    Meta = table_meta("challenge_versions")

    challenge_id = UnicodeAttribute(attr_name="challengeId", hash_key=True)
    # 1, 2, 3…; None only in what stands for a row without versions, which is never saved.
    number = NumberAttribute(range_key=True)
    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    instructions = UnicodeAttribute(default=README)
    language = UnicodeAttribute(default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes")
    cpus = NumberAttribute(null=True)
    memory_mb = NumberAttribute(attr_name="memoryMb", null=True)
    content = UnicodeAttribute(null=True)
    files = ListAttribute(of=ChallengeFile, default=list)
    # Kept beside the list, so that a list of versions need not read the lists of files.
    file_count = NumberAttribute(attr_name="fileCount", default=0)
    total_bytes = NumberAttribute(attr_name="totalBytes", default=0)
    created_at = MillisecondsAttribute(attr_name="createdAt", null=True)
    created_by = UnicodeAttribute(attr_name="createdBy", null=True)
    dry_run_seconds = NumberAttribute(attr_name="dryRunSeconds", null=True)
    dry_run_at = MillisecondsAttribute(attr_name="dryRunAt", null=True)
    dry_run_interview = UnicodeAttribute(attr_name="dryRunInterview", null=True)
    # What was wrong with it; None: nothing.
    dry_run_problem = UnicodeAttribute(attr_name="dryRunProblem", null=True)

    def __repr__(self) -> str:
        return f"<Version {self.challenge_id} {self.number}>"

    @property
    def about(self) -> ChallengeDetails:
        return ChallengeDetails(
            name=self.name,
            description=self.description,
            language=self.language,
            duration_minutes=int(self.duration_minutes),
            cpus=self.cpus,
            memory_mb=None if self.memory_mb is None else int(self.memory_mb),
            instructions=self.instructions,
        )


def unsaved_version(challenge: Challenge) -> Version:
    """What a row without versions says of itself, as a version without a number."""
    return Version(
        challenge.id,
        name=challenge.name,
        description=challenge.description,
        instructions=challenge.instructions,
        language=challenge.language,
        duration_minutes=challenge.duration_minutes,
        cpus=challenge.cpus,
        memory_mb=challenge.memory_mb,
        content=challenge.version,
        files=challenge.files,
        file_count=len(challenge.files),
        total_bytes=sum(int(file.size) for file in challenge.files),
        created_at=challenge.updated_at,
    )


def _number(config: "MapAttribute[str, Any] | None", name: str) -> float | None:
    """Deployments wrote it as a number or as text."""
    value = config.attribute_values.get(name) if config is not None else None
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None
