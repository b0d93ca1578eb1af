"""Invite a candidate to a take-home test, schedule a live interview, or start a dry run."""

import contextlib
from datetime import UTC, timedelta
from typing import Any

from django.utils.translation import gettext as _

from interviews import local_time, passcodes, queries
from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME
from interviews.challenges import library
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from operations import audit
from operations.actions import _create, _interviewers
from operations.actions.start import queue_start
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import outbox, plan_changes
from operations.queue import enqueue

DRY_RUN_MINUTES = 30


def invite(
    invitation: TakeHomeInvitation,
    *,
    by: str,
    id_: str | None = None,
    request_digest: str | None = None,
) -> Interview:
    """Create a take-home test that its candidate can start.

    With an `id_`, repeated calls create a single test.

    Raises:
        InvalidInputError: if the challenge is unknown, or email is not set up on this server.
        IdempotencyKeyReusedError: if the test with this id has another `request_digest`.
    """
    interview = _find_or_create(
        invitation,
        TAKE_HOME,
        "takehome",
        by=by,
        id_=id_,
        request_digest=request_digest,
    )
    _record(AuditAction.INVITED, interview, id_)
    return interview


def schedule_live(
    invitation: LiveInvitation,
    *,
    by: str,
    id_: str | None = None,
    request_digest: str | None = None,
) -> Interview:
    """Create a live interview, and start it if no time is given.

    Its link and password work at once. `id_` and `request_digest` are those of `invite`.

    Raises:
        InvalidInputError: if the challenge or an interviewer is unknown, or email is not set up on
            this server.
        IdempotencyKeyReusedError: if the interview with this id has another `request_digest`.
    """
    interview = _find_or_create(
        invitation,
        LIVE,
        "int",
        by=by,
        id_=id_,
        request_digest=request_digest,
        password=passcodes.new_password(),
    )
    plan_changes.queue_messages(interview)
    is_due = invitation.scheduled_at is None and interview.state is Status.SCHEDULED
    if is_due:
        interview = _start_now(interview, by)
    _record(AuditAction.SCHEDULED, interview, id_)
    return interview


def draft_interview(invitation: TakeHomeInvitation | LiveInvitation, *, by: str) -> Interview:
    """The interview as `invite` or `schedule_live` would create it, but without id and passcode.

    Nothing is written.

    Raises:
        InvalidInputError: if the challenge is unknown.
    """
    challenge = _create.get_offered_challenge(invitation.challenge)
    return Interview(
        id="",
        type=LIVE if isinstance(invitation, LiveInvitation) else TAKE_HOME,
        challenge=challenge.id,
        challenge_version=challenge.number,
        created_by=by,
        **{"created_at": now(), **_invited_fields(invitation)},
    )


def start_dry_run(challenge_id: str, version: int | None, *, by: str) -> Interview:
    """Start a workspace of a challenge's version without a candidate, to test and time it.

    Raises:
        InvalidInputError: if there is no such version.
    """
    challenge = library.get_challenge(challenge_id)
    found = library.get_version(challenge_id, version) if challenge is not None else None
    if challenge is None or found is None:
        raise InvalidInputError("version", _("This challenge has no such version."))
    interview = _create.create_interview(
        DRY_RUN,
        "dryrun",
        challenge,
        by=by,
        status=Status.SCHEDULED.value,
        candidate_name=f"Dry run of {found.name}",
        challenge_version=version if version is not None else challenge.number,
        duration_minutes=DRY_RUN_MINUTES,
        save_files=False,
        password=passcodes.new_password(),
    )
    interview = _start_now(interview, by)
    audit.record(AuditAction.DRY_RUN, interview.id, target=challenge_id)
    return interview


def _find_or_create(
    invitation: TakeHomeInvitation | LiveInvitation,
    type_: str,
    prefix: str,
    *,
    by: str,
    id_: str | None,
    request_digest: str | None,
    **fields: Any,
) -> Interview:
    """The interview with this id, or a new one. Queues the emails of the invitation."""
    interview = queries.get_interview(id_) if id_ is not None else None
    if interview is None:
        outbox.require_mail_enabled(invitation)
        if isinstance(invitation, LiveInvitation):
            names = _interviewers.addresses_of(invitation.interviewers, invitation.candidate_email)
            fields["interviewers"] = names or None
        interview = _create.create_interview(
            type_,
            prefix,
            _create.get_offered_challenge(invitation.challenge),
            by=by,
            id_=id_,
            request_digest=request_digest,
            passcode=_create.unused_passcode(),
            **_invited_fields(invitation),
            **fields,
        )
    _create.require_same_request(interview, request_digest)
    outbox.queue_announcement(interview, invitation, by=by)
    return interview


def _invited_fields(invitation: TakeHomeInvitation | LiveInvitation) -> dict[str, Any]:
    """The attributes that an invitation gives."""
    fields: dict[str, Any] = {
        "candidate_name": invitation.candidate_name,
        "candidate_email": invitation.candidate_email,
        "duration_minutes": invitation.duration_minutes,
    }
    if isinstance(invitation, LiveInvitation):
        return fields | {
            "status": Status.SCHEDULED.value,
            "save_files": invitation.save_files,
            "time_zone": invitation.time_zone,
            **_planned_time(invitation),
        }
    created_at = now()
    return fields | {
        "status": Status.AVAILABLE.value,
        "custom_instructions": invitation.custom_instructions,
        "allowance_percent": invitation.allowance_percent or None,
        "created_at": created_at,
        "valid_until": created_at + timedelta(days=invitation.valid_days),
    }


def _planned_time(invitation: LiveInvitation) -> dict[str, Any]:
    """The instant, the local time that was said, and its reading here if another was meant."""
    at, zone = invitation.scheduled_at, invitation.time_zone
    if at is None:
        return {}
    local = invitation.scheduled_local or local_time.utc_to_local(at, zone)
    return {
        "scheduled_at": at.astimezone(UTC),
        "scheduled_local": local,
        "declined_reading": local_time.other_reading(local, at, zone),
    }


def _start_now(interview: Interview, by: str) -> Interview:
    """Start the interview. A crash before this leaves a due row, which the reconciler starts."""
    # The reconciler may have been faster: then the interview is running already, or even over.
    with contextlib.suppress(WrongStateError):
        queue_start(interview, by=by)
    return enqueue.reload_interview(interview)


def _record(action: AuditAction, interview: Interview, id_: str | None) -> None:
    """With an `id_`, an earlier call may have created the interview and written the entry."""
    if id_ is None:
        audit.record(action, interview.id)
    else:
        audit.record_once(action, interview.id)
