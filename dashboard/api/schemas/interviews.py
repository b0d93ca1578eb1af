"""Schemas of interviews in the staff API: stored attribute names, each field listed explicitly."""

from datetime import datetime, timedelta
from typing import Any

from ninja import Schema
from pydantic import Field

from dashboard.api.schemas.archives import (
    ArchiveOut,
    NotSavedCount,
    NotSavedList,
    SittingFilesOut,
)
from dashboard.permissions import credentials
from dashboard.permissions.decorators import may
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.line import position_of
from dashboard.presenters.reviews.decisions import decision_of
from interviews.challenges.policy import Policy, Stance
from interviews.lifecycle import Status
from interviews.local_time import planned
from interviews.models import Interview
from interviews.schemas.answers import Answer
from interviews.schemas.responses import LineOut
from interviews.sittings import sittings_of
from operations.admission.positions import Position
from operations.archives.archive import archives_of_sittings

MINUTE = timedelta(minutes=1)


class MomentOut(Answer):
    status: str
    at: datetime
    by: str
    what: str | None = Field(
        description='What it was besides the status: "extended", "credited", "reopened", '
        '"edited", "rescheduled", "time_kept", "problem_reported", "policy_confirmed", '
        '"practised", "moved_up", "left_line"'
    )
    seconds: int | None = Field(description="The time that this added")
    changed: list[str] | None = Field(description="The fields that an edit changed")
    moved_to: datetime | None = Field(description="The new time after rescheduling")
    text: str | None = Field(description="Of a problem report: what the candidate wrote")


class SittingOut(Answer):
    """One time that the candidate had a workspace. A reopened test has several, each
    with a start, an end and files of its own; the last one is the current one. `startedAt` is when
    it was started or reopened. What is not known of a sitting long ago is null."""

    number: int
    status: str
    started_at: datetime | None
    ready_at: datetime | None
    ended_at: datetime | None
    worked_seconds: int | None = Field(
        description="Time in the workspace, without the time in which it didn't respond"
    )
    length_minutes: int | None = Field(description="The time limit, including time added by staff")
    end_reason: str | None
    files: list[SittingFilesOut]


class PolicyOut(Answer):
    """What was allowed in a test; null for what the challenge said nothing about."""

    ai_assistants: Stance | None
    internet: Stance | None
    libraries: Stance | None
    note: str


class InterviewOut(Answer):
    """An interview as staff may see it. URL and password: only while the workspace is there; the
    password of a live interview from its creation on, as it is passed on then. All four credentials
    are null for a role that may not see them."""

    id: str
    type: str
    status: str
    candidate_name: str
    candidate_email: str | None
    challenge: str
    challenge_version: int | None
    custom_instructions: str
    duration_minutes: int
    allowance_percent: int | None
    extra_seconds: int | None
    length_minutes: int = Field(description="The sum of all of these")
    join_path: str | None = Field(description="The path of the candidate's link on this site")
    save_files: bool
    interviewers: list[str] = Field(description="Email addresses; empty for a take-home test")
    created_by: str | None
    passcode: str | None
    valid_until: datetime | None
    scheduled_at: datetime | None
    scheduled_local: str | None = Field(
        description="The local time in timeZone, for example 2030-05-04T09:30"
    )
    time_zone: str | None
    changed_reading: datetime | None = Field(
        description="scheduledLocal by newer rules of its zone, if staff has to decide"
    )
    created_at: datetime
    updated_at: datetime | None
    activated_at: datetime | None
    ready_at: datetime | None
    auto_destroy_at: datetime | None
    paused_at: datetime | None = Field(description="Since when the clock is paused")
    time_changes: int | None
    time_changes_seen: int | None = Field(
        description="The last change that the candidate's page showed"
    )
    reopened: int | None
    completed_at: datetime | None
    destroyed_at: datetime | None
    operation_id: str | None
    queue: LineOut | None = Field(
        description="While it is `activated` and all workspaces of the engine are in use"
    )
    attempts: int
    provisioner: str | None
    access_url: str | None
    password: str | None
    failed_step: str | None
    problem: str | None
    end_reason: str | None
    history_s3_key: str | None = Field(serialization_alias="historyS3Key")
    archive_bytes: int | None
    archive_sha256: str | None = Field(serialization_alias="archiveSha256")
    not_saved: NotSavedList
    not_saved_count: NotSavedCount
    earlier_archives: list[ArchiveOut]
    decision: str | None = Field(
        description="The decision on the candidate: advance, hold or reject"
    )
    sittings: list[SittingOut] = Field(description="Oldest first; none before the start")
    timeline: list[MomentOut]
    confirmed_policy: PolicyOut | None = Field(
        description="What was allowed, as the candidate confirmed it with the start"
    )
    policy_confirmed_at: datetime | None
    feedback_rating: int | None = Field(
        description="What the candidate thought of the workspace: 1 (hard) to 5 (great)"
    )
    feedback_text: str | None = Field(description="What the candidate wrote after the end")
    feedback_at: datetime | None = Field(description="When the candidate sent it last")

    @staticmethod
    def resolve_sittings(interview: Interview) -> list[SittingOut]:
        files = archives_of_sittings(interview)
        return [
            SittingOut(
                number=each.number,
                status=each.status,
                started_at=each.started_at,
                ready_at=each.ready_at,
                ended_at=each.ended_at,
                worked_seconds=None if each.worked is None else int(each.worked.total_seconds()),
                length_minutes=None if each.length is None else each.length // MINUTE,
                end_reason=each.end_reason,
                files=[
                    SittingFilesOut(opening=place, **ArchiveOut.from_orm(saved).dict())
                    for place, saved in files.get(each.number, [])
                ],
            )
            for each in sittings_of(interview)
        ]

    @staticmethod
    def resolve_queue(interview: Interview, context: Any) -> Position | None:
        return position_of(interview, (context or {}).get("request"))

    @staticmethod
    def resolve_confirmed_policy(interview: Interview) -> PolicyOut | None:
        stored = interview.confirmed_policy
        return None if stored is None else PolicyOut(**Policy.from_stored(stored).stored())

    @staticmethod
    def resolve_decision(interview: Interview, context: Any) -> str | None:
        return decision_of(interview, (context or {}).get("request"))

    @staticmethod
    def resolve_interviewers(interview: Interview) -> list[str]:
        return interview.interviewer_addresses

    @staticmethod
    def resolve_changed_reading(interview: Interview) -> datetime | None:
        return planned.changed_reading(interview)

    @staticmethod
    def resolve_length_minutes(interview: Interview) -> int:
        return int(interview.length.total_seconds()) // 60

    @staticmethod
    def resolve_join_path(interview: Interview, context: Any) -> str | None:
        return credentials.join_path(interview) if sees_credentials(context) else None

    @staticmethod
    def resolve_passcode(interview: Interview, context: Any) -> str | None:
        return interview.passcode if sees_credentials(context) else None

    @staticmethod
    def resolve_access_url(interview: Interview, context: Any) -> str | None:
        is_told = interview.state is Status.ACTIVE and sees_credentials(context)
        return interview.access_url if is_told else None

    @staticmethod
    def resolve_password(interview: Interview, context: Any) -> str | None:
        return credentials.password(interview) if sees_credentials(context) else None


def sees_credentials(context: Any) -> bool:
    """True if the response goes to someone who may see credentials. False without a request."""
    request = (context or {}).get("request")
    return request is not None and may(request, Permission.SEE_CREDENTIALS)


class InterviewCreated(Schema):
    interview: InterviewOut


class InterviewPage(Schema):
    items: list[InterviewOut]
    next: str | None
