"""What the staff's API says and hears: stored attribute names, each field listed one by one."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from interviews.invitation import TakeHomeInvitation
from interviews.lifecycle import Status
from interviews.models import Interview

CAMEL = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class TakeHomeIn(TakeHomeInvitation):
    """The invitation as JSON has it: a number is a number there, never "60" and never true."""

    model_config = ConfigDict(strict=True)


class DestroyIn(Schema):
    """`save: false` gives up on the candidate's files."""

    model_config = ConfigDict(strict=True)

    save: bool = True


class MomentOut(Schema):
    status: str
    at: datetime
    by: str


class InterviewOut(Schema):
    """An interview as staff may see it: URL and password only while the workspace is there."""

    model_config = CAMEL

    id: str
    type: str
    status: str
    candidate_name: str
    challenge: str
    custom_instructions: str
    duration_minutes: int
    save_files: bool
    created_by: str | None
    passcode: str | None
    valid_until: datetime | None
    scheduled_at: datetime | None
    created_at: datetime
    updated_at: datetime | None
    activated_at: datetime | None
    ready_at: datetime | None
    auto_destroy_at: datetime | None
    completed_at: datetime | None
    destroyed_at: datetime | None
    operation_id: str | None
    attempts: int
    provisioner: str | None
    access_url: str | None
    password: str | None
    failed_step: str | None
    problem: str | None
    end_reason: str | None
    history_s3_key: str | None = Field(alias="historyS3Key")
    archive_bytes: int | None
    archive_sha256: str | None = Field(alias="archiveSha256")
    timeline: list[MomentOut]

    @staticmethod
    def resolve_access_url(interview: Interview) -> str | None:
        return interview.access_url if interview.state is Status.ACTIVE else None

    @staticmethod
    def resolve_password(interview: Interview) -> str | None:
        return interview.password if interview.state is Status.ACTIVE else None


class InterviewCreated(Schema):
    interview: InterviewOut


class InterviewPage(Schema):
    items: list[InterviewOut]
    next: str | None


class Accepted(Schema):
    """What was asked for is under way; without an operation it is done already."""

    model_config = CAMEL

    interview_id: str
    operation_id: str | None


class OperationOut(Schema):
    model_config = CAMEL

    id: str
    interview_id: str
    type: str
    status: str
    step: str | None
    error: str | None
    attempts: int
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class OperationPage(Schema):
    items: list[OperationOut]
    next: str | None


class LogLineOut(Schema):
    """`seq` is text: it is larger than what JavaScript can count to."""

    seq: str
    at: datetime
    level: str
    message: str

    @staticmethod
    def resolve_seq(line: Any) -> str:
        return str(int(line.seq))


class LogPage(Schema):
    items: list[LogLineOut]
    next: str | None


class ChallengeOut(Schema):
    model_config = CAMEL

    id: str
    name: str
    description: str
    language: str
    duration_minutes: int


class ChallengePage(Schema):
    items: list[ChallengeOut]
    next: str | None


class Problem(Schema):
    code: str
    message: str
    field: str | None = None


class ErrorOut(Schema):
    """Every error of the API."""

    error: Problem


After = Annotated[int, Field(ge=0, lt=10**20, description="The seq of the last line you have")]
