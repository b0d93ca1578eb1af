"""The schemas of invitations, shared by forms, CSV imports and the API."""

from datetime import UTC, datetime
from typing import Annotated, Self

from ninja import Schema
from pydantic import ConfigDict, Field, model_validator

from interviews import local_time
from interviews.schemas.fields import (
    CAMEL,
    Allowance,
    CandidateEmail,
    CandidateName,
    ChallengeId,
    ConfirmOffset,
    Deadline,
    DurationMinutes,
    Instructions,
    Interviewers,
    OptionalEmail,
    ScheduledAt,
    ScheduledLocal,
    SendEmail,
    TimeZone,
    ValidDays,
    without_defaults,
)
from interviews.schemas.limits import DEFAULT_DURATION, DEFAULT_LIVE_DURATION, DEFAULT_VALID_DAYS


class TakeHomeInvitation(Schema):
    """A candidate's invitation to a take-home test. Minutes and days are whole numbers."""

    model_config = CAMEL

    candidate_name: CandidateName
    challenge: ChallengeId
    duration_minutes: DurationMinutes = DEFAULT_DURATION
    valid_days: ValidDays = DEFAULT_VALID_DAYS
    custom_instructions: Instructions = ""
    allowance_percent: Allowance = 0
    send_email: SendEmail = False
    candidate_email: CandidateEmail = None
    time_zone: TimeZone = "UTC"


class LiveInvitation(Schema):
    """A live interview, now or at a time. Minutes are a whole number; a time names its zone."""

    model_config = CAMEL

    candidate_name: CandidateName
    challenge: ChallengeId
    duration_minutes: DurationMinutes = DEFAULT_LIVE_DURATION
    scheduled_at: ScheduledAt | None = None
    save_files: bool = True
    send_email: SendEmail = False
    candidate_email: CandidateEmail = None
    interviewers: Interviewers = []
    time_zone: TimeZone = "UTC"
    confirm_offset: ConfirmOffset = False
    scheduled_local: ScheduledLocal = None

    @model_validator(mode="after")
    def _read_local(self) -> Self:
        if self.scheduled_at is None and self.scheduled_local is not None:
            self.scheduled_at = local_time.local_to_utc(self.scheduled_local, self.time_zone)
        return self


class InvitationEdit(Schema):
    """Changes to an invitation before its start; a field that is left out stays as it is."""

    model_config = ConfigDict(**CAMEL, json_schema_extra=without_defaults)

    candidate_name: CandidateName = "-"
    candidate_email: Annotated[
        OptionalEmail, Field(description="null removes it; a new address gets the link")
    ] = None
    challenge: ChallengeId = "-"
    duration_minutes: DurationMinutes = DEFAULT_DURATION
    allowance_percent: Allowance = 0
    custom_instructions: Instructions = ""
    valid_until: Deadline = datetime.max.replace(tzinfo=UTC)
    interviewers: Interviewers = []
