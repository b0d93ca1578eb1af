"""The rows of the challenge library: a challenge, and each version of it."""

from dataclasses import dataclass, field
from typing import Any

from pynamodb.attributes import (
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from interviews.challenges.checks.manifest import (
    CandidateCheck,
    has_checks,
    is_kept_from_candidates,
)
from interviews.challenges.criteria import Criterion
from interviews.challenges.policy import Policy, Stance, stance_of
from interviews.challenges.storage import README, ChallengeFile
from interviews.dynamodb import MapListAttribute, MillisecondsAttribute, table_meta

ACTIVE, ARCHIVED = "true", "false"


@dataclass(frozen=True)
class ChallengeDetails:
    """The editable details of a challenge: minutes, CPUs and MiB (None: the engine's default)."""

    name: str
    description: str
    language: str
    duration_minutes: int
    cpus: float | None = None
    memory_mb: int | None = None
    # The path of the file with the full task.
    instructions: str = README
    # What reviewers score; none is an overall recommendation alone.
    criteria: tuple[Criterion, ...] = ()
    # What candidates may use, as `policy` has it; None is for nothing said.
    ai_assistants: Stance | None = None
    internet: Stance | None = None
    libraries: Stance | None = None
    policy_note: str = ""
    # What candidates may run themselves. It is read from the files, so nobody edits it here.
    candidate_checks: tuple[CandidateCheck, ...] = field(default=(), compare=False)

    @property
    def policy(self) -> Policy:
        return Policy(self.ai_assistants, self.internet, self.libraries, self.policy_note)


class CriterionEntry(MapAttribute[str, Any]):
    """A criterion as a version stores it."""

    name = UnicodeAttribute()
    good = UnicodeAttribute(default="")
    weight = NumberAttribute(default=1)


class CandidateCheckEntry(MapAttribute[str, Any]):
    """A check that candidates may run, as a version stores it."""

    name = UnicodeAttribute()
    command = UnicodeAttribute()


class ActiveIndex(GlobalSecondaryIndex["Challenge"]):
    """Active or archived challenges by name; a key cannot be BOOL, hence "true" and "false"."""

    class Meta:
        index_name = "ActiveIndex"
        projection = AllProjection()

    is_active = UnicodeAttribute(attr_name="isActive", hash_key=True)
    name = UnicodeAttribute(range_key=True)


class Challenge(Model):
    """A coding task for candidates: its current version and its usage."""

    Meta = table_meta("challenges")

    active_index = ActiveIndex()

    id = UnicodeAttribute(hash_key=True)
    # The current version's number; None on rows older than versions.
    number = NumberAttribute(null=True)
    name = UnicodeAttribute()
    # One or two sentences that the candidate reads before the start.
    description = UnicodeAttribute(default="")
    instructions = UnicodeAttribute(default=README)
    language = UnicodeAttribute(default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes", default=240)
    is_active = UnicodeAttribute(attr_name="isActive", default=ACTIVE)
    # The content hash of the current version, which is part of its storage keys.
    version = UnicodeAttribute(null=True)
    # Only on rows without versions; a version has its own list.
    files = MapListAttribute(of=ChallengeFile, default=list)
    # cpu (1024 units are one CPU), memory (MiB), storage.
    ecs_config: MapAttribute[str, Any] = MapAttribute(attr_name="ecsConfig", null=True)
    usage_count = NumberAttribute(attr_name="usageCount", null=True)
    # Milliseconds, unlike in the interviews table.
    last_used_at = MillisecondsAttribute(attr_name="lastUsedAt", null=True)
    updated_at = MillisecondsAttribute(attr_name="updatedAt", null=True)

    def __repr__(self) -> str:
        return f"<Challenge {self.id} {self.number}>"

    @property
    def is_archived(self) -> bool:
        return self.is_active != ACTIVE

    @property
    def cpus(self) -> float | None:
        """The CPU limit of its workspaces, or None for the engine's default."""
        shares = _number(self.ecs_config, "cpu")
        return shares / 1024 if shares else None

    @property
    def memory_mb(self) -> int | None:
        """The memory limit of its workspaces in MiB, or None for the engine's default."""
        memory = _number(self.ecs_config, "memory")
        return int(memory) if memory else None


class Version(Model):
    """An immutable snapshot of a challenge, and the result of its last dry run."""

    Meta = table_meta("challenge_versions")

    challenge_id = UnicodeAttribute(attr_name="challengeId", hash_key=True)
    # 1, 2, 3…; None only in unsaved versions (`unsaved_version`).
    number = NumberAttribute(range_key=True)
    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    instructions = UnicodeAttribute(default=README)
    language = UnicodeAttribute(default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes")
    cpus = NumberAttribute(null=True)
    memory_mb = NumberAttribute(attr_name="memoryMb", null=True)
    content = UnicodeAttribute(null=True)
    files = MapListAttribute(of=ChallengeFile, default=list)
    # Stored separately, so that lists of versions need not read the files.
    file_count = NumberAttribute(attr_name="fileCount", default=0)
    total_bytes = NumberAttribute(attr_name="totalBytes", default=0)
    # Not in versions of before there were any.
    criteria = MapListAttribute(of=CriterionEntry, default=list)
    # Values of `Stance`, and a line besides; None on versions that say nothing.
    ai_assistants = UnicodeAttribute(attr_name="aiAssistants", null=True)
    internet = UnicodeAttribute(null=True)
    libraries = UnicodeAttribute(null=True)
    policy_note = UnicodeAttribute(attr_name="policyNote", null=True)
    # Stored separately, so that candidates' pages need not read the files. Not in older versions.
    candidate_checks = MapListAttribute(
        of=CandidateCheckEntry, attr_name="candidateChecks", default=list
    )
    created_at = MillisecondsAttribute(attr_name="createdAt", null=True)
    created_by = UnicodeAttribute(attr_name="createdBy", null=True)
    dry_run_seconds = NumberAttribute(attr_name="dryRunSeconds", null=True)
    dry_run_at = MillisecondsAttribute(attr_name="dryRunAt", null=True)
    dry_run_interview = UnicodeAttribute(attr_name="dryRunInterview", null=True)
    # None if the dry run succeeded.
    dry_run_problem = UnicodeAttribute(attr_name="dryRunProblem", null=True)

    def __repr__(self) -> str:
        return f"<Version {self.challenge_id} {self.number}>"

    @property
    def has_checks(self) -> bool:
        return has_checks([file.path for file in self.files])

    @property
    def starting_files(self) -> list[ChallengeFile]:
        """The files that candidates get: all but those of its checks."""
        if not self.has_checks:
            return list(self.files)
        return [file for file in self.files if not is_kept_from_candidates(file.path)]

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
            criteria=tuple(
                Criterion(each.name, each.good, int(each.weight)) for each in self.criteria or ()
            ),
            ai_assistants=self.policy.ai_assistants,
            internet=self.policy.internet,
            libraries=self.policy.libraries,
            policy_note=self.policy.note,
            candidate_checks=tuple(
                CandidateCheck(each.name, each.command) for each in self.candidate_checks or ()
            ),
        )

    @property
    def policy(self) -> Policy:
        """What its candidates may use."""
        return Policy(
            stance_of(self.ai_assistants),
            stance_of(self.internet),
            stance_of(self.libraries),
            self.policy_note or "",
        )


def unsaved_version(challenge: Challenge) -> Version:
    """Return a version without a number for a challenge that has no versions."""
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
    """Older deployments stored it as a number or as text."""
    value = config.attribute_values.get(name) if config is not None else None
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None
