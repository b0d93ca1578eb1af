"""Schemas of the checks of submissions in the API."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from interviews.schemas.fields import CAMEL_ANSWER
from operations.checks.models import CheckResult, CheckRun


class RunChecksIn(Schema):
    """The version whose checks are run: that of the interview by default, or else the current.
    With `state`, they are run on that state of the progress, with the default version."""

    model_config = ConfigDict(strict=True)

    version: int | None = None
    state: Annotated[int | None, Field(ge=1, lt=2**31)] = None


class CheckOut(Schema):
    """A check of a version. Times are seconds, memory is MiB."""

    model_config = CAMEL_ANSWER

    name: str
    command: str
    folder: str | None
    restored: list[str]
    is_visible: Annotated[bool, Field(serialization_alias="visible")]
    candidate_command: str
    report: str
    seconds: int
    memory_mb: int


class TestOut(Schema):
    """`outcome`: passed, failed, skipped or missing, if it did not run. `counts` is false for a
    test that the reference solution doesn't have."""

    __test__ = False  # of pytest

    group: str
    name: str
    outcome: str
    seconds: float | None
    text: str
    counts: bool


class CheckCountOut(Schema):
    """How many tests of a check passed. `problem` is why it has failed whatever it reported."""

    model_config = CAMEL_ANSWER

    name: str
    visible: bool
    problem: str | None
    exit_code: int | None
    seconds: float
    passed: int
    total: int

    @staticmethod
    def resolve_visible(result: CheckResult) -> bool:
        return result.is_visible

    @staticmethod
    def resolve_problem(result: CheckResult) -> str | None:
        return result.problem or None


class CheckResultOut(CheckCountOut):
    """What came of a check. `output` is the beginning of what its command wrote."""

    tests: list[TestOut]
    output: str


class CheckRunOut(Schema):
    """`state`: queued, running, finished, or failed if the platform couldn't run it, for `reason`.
    `subject`: submission, state (`progressState`), starting or solution, without an interview.
    `compared` is false if no trial of the solution told which tests there had to be."""

    model_config = CAMEL_ANSWER

    id: str
    interview_id: str | None
    challenge_id: str
    version: int
    subject: str
    progress_state: int | None
    state: str
    reason: str | None
    requested_by: str | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    passed: int | None
    total: int | None
    compared: bool | None
    checks: list[CheckCountOut]

    @staticmethod
    def resolve_id(run: CheckRun) -> str:
        return str(run.pk)

    @staticmethod
    def resolve_interview_id(run: CheckRun) -> str | None:
        return run.interview_id or None

    @staticmethod
    def resolve_compared(run: CheckRun) -> bool | None:
        return run.is_compared

    @staticmethod
    def resolve_reason(run: CheckRun) -> str | None:
        return run.reason or None

    @staticmethod
    def resolve_requested_by(run: CheckRun) -> str | None:
        return run.requested_by or None

    @staticmethod
    def resolve_checks(run: CheckRun) -> list[Any]:
        return list(run.results.all())


class CheckRunWithTestsOut(CheckRunOut):
    """A run with the result of each test."""

    checks: list[CheckResultOut]  # type: ignore[assignment]


class CheckRunsOut(Schema):
    """The newest first, with numbers only."""

    items: list[CheckRunOut]


class VersionChecksOut(Schema):
    """The checks of a version, and its latest trial: on the solution, and the starting files."""

    checks: list[CheckOut]
    trial: list[CheckRunOut]


class RunAllOut(Schema):
    """How many submissions are being checked, and of how many the checks were queued now."""

    submissions: int
    queued: int
