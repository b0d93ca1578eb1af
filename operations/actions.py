"""What a person may ask for. Pages, API and schedule call these; nothing else starts work.

Each action checks, writes, and rings. `by` names who asked: a user name, "candidate" or
"schedule". All of them may be repeated: the second call is answered like the first.
"""

import secrets
from datetime import timedelta

from django.conf import settings

from interviews import challenges, queries
from interviews.invitation import TakeHomeInvitation
from interviews.lifecycle import FINAL, PROVISIONING, STARTED, EndReason, Status
from interviews.models import PASSCODE_ALPHABET, TAKE_HOME, Interview, LostRace, new_passcode
from interviews.tables import now
from operations import bell
from operations.models import Operation, State, Type
from operations.models import get as get_operation

# What provisioning may take before the clock is stopped for good; once the workspace answers, the
# candidate gets the whole duration from that moment.
PROVISIONING_ALLOWANCE = timedelta(minutes=20)
# How often a candidate may press "Try again" before staff must look.
CANDIDATE_RETRIES = 3
# A test that could not be started stays open for another try at least this long.
RETRY_WINDOW = timedelta(days=1)


class WrongState(Exception):
    """It cannot be done as the interview stands; the text is a sentence for the person."""


class InvalidInput(Exception):
    """A field holds what cannot be accepted."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def invite(invitation: TakeHomeInvitation, *, by: str) -> Interview:
    """Create a take-home test that its candidate may start. InvalidInput: unknown challenge."""
    challenge = challenges.get(invitation.challenge)
    if challenge is None or challenge.is_active != "true":
        raise InvalidInput("challenge", "There is no such challenge in the library.")
    created_at = now()
    interview = Interview(
        id=f"takehome-{int(created_at.timestamp())}-{secrets.token_hex(5)}",
        type=TAKE_HOME,
        status=Status.AVAILABLE.value,
        candidate_name=invitation.candidate_name,
        challenge=invitation.challenge,
        custom_instructions=invitation.custom_instructions,
        duration_minutes=invitation.duration_minutes,
        passcode=_unused_passcode(),
        valid_until=created_at + timedelta(days=invitation.valid_days),
        created_at=created_at,
        created_by=by,
    )
    interview.create(by=by)
    return interview


def activate(interview: Interview, *, by: str) -> str:
    """Start the test; returns the id of the operation that provisions its workspace."""
    while True:
        if interview.state in PROVISIONING and interview.operation_id:
            return interview.operation_id
        if interview.state not in (Status.AVAILABLE, Status.SCHEDULED):
            raise WrongState(_why_not_startable(interview))
        if interview.valid_until is not None and interview.valid_until <= now():
            expire(interview)
            raise WrongState(_why_not_startable(interview))
        operation_id = _provision(interview, by=by)
        if operation_id is not None:
            return operation_id


def retry(interview: Interview, *, by: str) -> str:
    """Provision again after an error, with the whole duration; returns the operation's id."""
    while True:
        if interview.state in PROVISIONING and interview.operation_id:
            return interview.operation_id
        if interview.state is not Status.ERROR:
            raise WrongState("Only a test that could not be started can be tried again.")
        if by == "candidate" and not candidate_may_retry(interview):
            raise WrongState(
                "This has been tried as often as it can be from here. "
                "Please tell the people who invited you; no time of yours is lost."
            )
        operation_id = _provision(interview, by=by)
        if operation_id is not None:
            return operation_id


def candidate_may_retry(interview: Interview) -> bool:
    return interview.state is Status.ERROR and interview.attempts <= CANDIDATE_RETRIES


def submit(interview: Interview, *, by: str) -> str:
    """The candidate hands in before the time is up; returns the id of the teardown."""
    if interview.state in STARTED and interview.state is not Status.ACTIVE:
        raise WrongState("There is nothing to submit yet: the workspace is not ready.")
    return end(interview, by=by, reason=EndReason.SUBMITTED)


def end(interview: Interview, *, by: str, reason: EndReason, save: bool = True) -> str:
    """End a started test: files are saved, then the workspace is destroyed; returns the id of the
    teardown. `save=False` gives up on the files, also when the saving is already being tried."""
    while True:
        if interview.state is Status.DESTROYING and interview.operation_id:
            if not save and interview.save_files:
                try:
                    interview.change(save_files=False)
                except LostRace:
                    interview = _again(interview)
                    continue
                bell.ring(interview.operation_id)
            return interview.operation_id
        if interview.state is Status.COMPLETED and interview.operation_id:
            return interview.operation_id
        if interview.state not in STARTED:
            raise WrongState(f"A test that is {interview.state.badge.lower()} cannot be ended.")
        changes = {"end_reason": reason.value} | ({} if save else {"save_files": False})
        operation_id = _replace(interview, Type.DESTROY, Status.DESTROYING, by, **changes)
        if operation_id is not None:
            return operation_id


def revoke(interview: Interview, *, by: str) -> str | None:
    """Withdraw it from any state that is not final; returns the id of the teardown, if any."""
    while True:
        if interview.state in (Status.REVOKED, Status.CANCELLED):
            return interview.operation_id
        if interview.state in FINAL:
            raise WrongState(f"A test that is {interview.state.badge.lower()} cannot be revoked.")
        if interview.state in STARTED or interview.state is Status.DESTROYING:
            return end(interview, by=by, reason=EndReason.REVOKED)
        withdrawn = Status.CANCELLED if interview.state is Status.SCHEDULED else Status.REVOKED
        try:
            interview.move_to(withdrawn, by=by, completed_at=now(), end_reason=EndReason.REVOKED)
        except LostRace:
            interview = _again(interview)
            continue
        return None


def expire(interview: Interview) -> None:
    """Close an invitation that lapsed unused. Never touches one that was started."""
    if interview.state is Status.AVAILABLE and (interview.valid_until or now()) <= now():
        try:
            interview.move_to(Status.EXPIRED, by="schedule", completed_at=now())
        except LostRace:
            interview.refresh(consistent_read=True)


def cancel(operation: Operation, *, by: str) -> None:
    """Stop an operation that provisions. What it made is cleaned up, and it can be tried again."""
    if operation.type == Type.DESTROY:
        raise WrongState("A teardown cannot be cancelled: the workspace would be left running.")
    interview = queries.get(operation.interview_id)
    # The interview first: a crash after it leaves an operation whose worker finds itself void.
    while (
        interview is not None
        and interview.operation_id == operation.id
        and interview.state in PROVISIONING
    ):
        try:
            interview.move_to(
                Status.ERROR,
                by=by,
                failed_step=operation.step,
                problem="Starting the workspace was stopped by staff.",
                **after_failure(interview),
            )
        except LostRace:
            interview = _again(interview)
    if not operation.cancel():
        operation.refresh(consistent_read=True)
        if operation.status != State.CANCELLED:
            raise WrongState(f"The operation is {operation.status} already.")


def revive(interview: Interview) -> str | None:
    """Start a running test's workspace again where it was; None: something else came first."""
    return _replace(interview, Type.RESTART, None, "schedule", restarting=True)


def mend(interview: Interview) -> None:
    """Queue the work of an interview whose operation is finished or gone, though its own status
    says that there is work to do. No path is known that leads there; none may be a dead end."""
    operation = get_operation(interview.operation_id or "")
    if operation is not None and operation.is_unfinished:
        return
    type_ = Type.DESTROY if interview.state is Status.DESTROYING else Type.CREATE
    _replace(interview, type_, None, "schedule")


def after_failure(interview: Interview) -> dict[str, object]:
    """What a failed start leaves: no clock runs, and the row is closed one day if nobody tries."""
    return {
        "auto_destroy_at": max(interview.valid_until or now(), now() + RETRY_WINDOW),
        "access_url": None,
        "workspace_state": None,
    }


def _provision(interview: Interview, *, by: str) -> str | None:
    """Queue a create operation; None: lost the race, and `interview` is read again."""
    at = now()
    allowed = timedelta(minutes=int(interview.duration_minutes)) + PROVISIONING_ALLOWANCE
    return _replace(
        interview,
        Type.CREATE,
        Status.ACTIVATED,
        by,
        activated_at=interview.activated_at or at,
        auto_destroy_at=at + allowed,
        attempts=int(interview.attempts) + 1,
        provisioner=interview.provisioner or settings.PROVISIONER,
        # Made here and kept, so that a second try and a restart show the password that works.
        password=interview.password or _new_password(),
        failed_step=None,
        problem=None,
    )


def _replace(
    interview: Interview, type_: Type, status: Status | None, by: str, **changes: object
) -> str | None:
    """Point the interview at a new operation, with a new status if there is one.

    None: somebody else was first, and `interview` is read again.
    """
    operation = Operation.queue(
        interview.id, type_, requested_by=by, waits_for=interview.operation_id
    )
    try:
        if status is None:
            interview.change(operation_id=operation.id, **changes)
        else:
            interview.move_to(status, by=by, operation_id=operation.id, **changes)
    except LostRace:
        interview.refresh(consistent_read=True)
        if interview.operation_id != operation.id:
            operation.discard()
            return None
        # It was written, and only the answer got lost: the client repeated the write by itself.
    operation.announce()
    bell.ring(operation.id)
    return operation.id


def _again(interview: Interview) -> Interview:
    interview.refresh(consistent_read=True)
    return interview


def _unused_passcode() -> str:
    while True:
        passcode = new_passcode()
        if queries.by_passcode(passcode) is None:
            return passcode


def _new_password() -> str:
    """80 bits, in letters and digits that can be typed from a screen."""
    letters = PASSCODE_ALPHABET.lower()
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _why_not_startable(interview: Interview) -> str:
    return {
        Status.EXPIRED: "This invitation has lapsed, so it can no longer be started.",
        Status.REVOKED: "This invitation was withdrawn.",
        Status.CANCELLED: "This interview was called off.",
        Status.ACTIVE: "This test is running already.",
        Status.ERROR: "This test was started before; use try again.",
    }.get(interview.state, "This test is over.")
