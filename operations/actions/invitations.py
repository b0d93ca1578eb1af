"""Asking somebody in: to a take-home test, to a live interview; and a dry run, without anybody."""

from datetime import timedelta
from typing import Any

from interviews import passcodes, queries
from interviews.challenges import library
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import (
    DRY_RUN,
    LIVE,
    TAKE_HOME,
    Interview,
)
from interviews.schemas import LiveInvitation, TakeHomeInvitation
from operations.actions import _create
from operations.actions.start import activate
from operations.exceptions import InvalidInputError
from operations.mail import outbox
from operations.queue import enqueue

DRY_RUN_MINUTES = 30


def invite(
    invitation: TakeHomeInvitation,
    *,
    by: str,
    id_: str | None = None,
    request_digest: str | None = None,
) -> Interview:
    """Create a take-home test that its candidate may start. With an `id_`, which makes it one
    however often this is called. InvalidInputError: unknown challenge, or no e-mail on this server.
    IdempotencyKeyReusedError: another `request_digest` made the one of this id."""
    created_at = now()
    return _invited(
        invitation,
        TAKE_HOME,
        "takehome",
        by=by,
        id_=id_,
        request_digest=request_digest,
        status=Status.AVAILABLE.value,
        custom_instructions=invitation.custom_instructions,
        allowance_percent=invitation.allowance_percent or None,
        created_at=created_at,
        valid_until=created_at + timedelta(days=invitation.valid_days),
    )


def schedule_live(
    invitation: LiveInvitation,
    *,
    by: str,
    id_: str | None = None,
    request_digest: str | None = None,
) -> Interview:
    """Create a live interview, and start it where no time is given. Its link and password work
    from this moment on. `id_`, `request_digest`, InvalidInputError and IdempotencyKeyReusedError:
    as with `invite`."""
    interview = _invited(
        invitation,
        LIVE,
        "int",
        by=by,
        id_=id_,
        request_digest=request_digest,
        status=Status.SCHEDULED.value,
        save_files=invitation.save_files,
        scheduled_at=invitation.scheduled_at,
        time_zone=invitation.time_zone,
        password=passcodes.new_password(),
    )
    is_due = invitation.scheduled_at is None and interview.state is Status.SCHEDULED
    return _start_now(interview, by) if is_due else interview


def dry_run(challenge_id: str, version: int | None, *, by: str) -> Interview:
    """Open a workspace of a challenge's version without a candidate, to see that it works and how
    long it takes. InvalidInputError: there is no such version."""
    challenge = library.get_challenge(challenge_id)
    found = library.get_version(challenge_id, version) if challenge is not None else None
    if challenge is None or found is None:
        raise InvalidInputError("version", "There is no such version of this challenge.")
    interview = _create.create(
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
    return _start_now(interview, by)


def _invited(
    invitation: TakeHomeInvitation | LiveInvitation,
    type_: str,
    prefix: str,
    *,
    by: str,
    id_: str | None,
    request_digest: str | None,
    **fields: Any,
) -> Interview:
    """The interview of this id, or a new one; and the e-mails that go with its invitation."""
    interview = queries.get_interview(id_) if id_ is not None else None
    if interview is None:
        outbox.require_on(invitation)
        interview = _create.create(
            type_,
            prefix,
            _create.offered(invitation.challenge),
            by=by,
            id_=id_,
            request_digest=request_digest,
            candidate_name=invitation.candidate_name,
            candidate_email=invitation.candidate_email,
            duration_minutes=invitation.duration_minutes,
            passcode=_create.unused_passcode(),
            **fields,
        )
    _create.require_same(interview, request_digest)
    outbox.queue_announcement(interview, invitation, by=by)
    return interview


def _start_now(interview: Interview, by: str) -> Interview:
    """A crash before this leaves a row that is due, which the schedule starts."""
    activate(interview, by=by)
    return enqueue.reload(interview)
