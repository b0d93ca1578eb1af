"""What a person may ask for. Pages, API and schedule call these; nothing else starts work.

Each action checks, writes, and rings. `by` names who asked: a user name, "candidate" or
"schedule". All of them may be repeated: the second call is answered like the first.
"""

from datetime import timedelta

from django.conf import settings

from interviews import challenges, queries
from interviews.invitation import MAX_DURATION, LiveInvitation, TakeHomeInvitation
from interviews.lifecycle import FINAL, PROVISIONING, STARTED, EndReason, Status
from interviews.models import DRY_RUN, REGULAR, TAKE_HOME, Interview, LostRace
from interviews.tables import now
from operations import bell, clock, creation, queueing
from operations.mail import outbox
from operations.models import Operation, State, Type
from operations.refusals import InvalidInput as InvalidInput
from operations.refusals import UsedKey as UsedKey
from operations.refusals import WrongState as WrongState

# How often a candidate may press "Try again" before staff must look.
CANDIDATE_RETRIES = 3
DRY_RUN_MINUTES = 30
# Minutes that may be given or taken at once.
MAX_EXTENSION = MAX_DURATION


def invite(
    invitation: TakeHomeInvitation,
    *,
    by: str,
    id_: str | None = None,
    request_digest: str | None = None,
) -> Interview:
    """Create a take-home test that its candidate may start. With an `id_`, which makes it one
    however often this is called. InvalidInput: unknown challenge, or no e-mail on this server.
    UsedKey: another `request_digest` made the one of this id."""
    interview = queries.get(id_) if id_ is not None else None
    if interview is None:
        outbox.require_on(invitation)
        created_at = now()
        interview = creation.create(
            TAKE_HOME,
            "takehome",
            creation.offered(invitation.challenge),
            by=by,
            id_=id_,
            request_digest=request_digest,
            status=Status.AVAILABLE.value,
            candidate_name=invitation.candidate_name,
            candidate_email=invitation.candidate_email,
            custom_instructions=invitation.custom_instructions,
            duration_minutes=invitation.duration_minutes,
            allowance_percent=invitation.allowance_percent or None,
            passcode=creation.unused_passcode(),
            created_at=created_at,
            valid_until=created_at + timedelta(days=invitation.valid_days),
        )
    creation.require_same(interview, request_digest)
    outbox.announce(interview, invitation, by=by)
    return interview


def schedule_live(
    invitation: LiveInvitation,
    *,
    by: str,
    id_: str | None = None,
    request_digest: str | None = None,
) -> Interview:
    """Create a live interview, and start it where no time is given. Its link and password work
    from this moment on. `id_`, `request_digest`, InvalidInput and UsedKey: as with `invite`."""
    interview = queries.get(id_) if id_ is not None else None
    if interview is None:
        outbox.require_on(invitation)
        interview = creation.create(
            REGULAR,
            "int",
            creation.offered(invitation.challenge),
            by=by,
            id_=id_,
            request_digest=request_digest,
            status=Status.SCHEDULED.value,
            candidate_name=invitation.candidate_name,
            candidate_email=invitation.candidate_email,
            duration_minutes=invitation.duration_minutes,
            save_files=invitation.save_files,
            scheduled_at=invitation.scheduled_at,
            time_zone=invitation.time_zone,
            passcode=creation.unused_passcode(),
            password=queueing.new_password(),
        )
    creation.require_same(interview, request_digest)
    outbox.announce(interview, invitation, by=by)
    is_due = invitation.scheduled_at is None and interview.state is Status.SCHEDULED
    return _start_now(interview, by) if is_due else interview


def dry_run(challenge_id: str, version: int | None, *, by: str) -> Interview:
    """Open a workspace of a challenge's version without a candidate, to see that it works and how
    long it takes. InvalidInput: there is no such version."""
    challenge = challenges.get(challenge_id)
    found = challenges.version_of(challenge_id, version) if challenge is not None else None
    if challenge is None or found is None:
        raise InvalidInput("version", "There is no such version of this challenge.")
    interview = creation.create(
        DRY_RUN,
        "dryrun",
        challenge,
        by=by,
        status=Status.SCHEDULED.value,
        candidate_name=f"Dry run of {found.name}",
        challenge_version=version if version is not None else challenge.number,
        duration_minutes=DRY_RUN_MINUTES,
        save_files=False,
        password=queueing.new_password(),
    )
    return _start_now(interview, by)


def activate(interview: Interview, *, by: str) -> str:
    """Start it; returns the id of the operation that provisions its workspace."""
    if by == "candidate" and not interview.is_take_home:
        raise WrongState("A live interview is started by the people who hold it.")
    while True:
        if interview.state in PROVISIONING and interview.operation_id:
            return interview.operation_id
        if interview.state not in (Status.AVAILABLE, Status.SCHEDULED):
            raise WrongState(_why_not_startable(interview))
        if interview.valid_until is not None and interview.valid_until <= now():
            expire(interview)
            raise WrongState(_why_not_startable(interview))
        operation_id = queueing.provision(interview, by=by)
        if operation_id is not None:
            return operation_id


def retry(interview: Interview, *, by: str) -> str:
    """Provision again after an error, with the whole duration; returns the operation's id."""
    while True:
        if interview.state in PROVISIONING and interview.operation_id:
            return interview.operation_id
        if interview.state is not Status.ERROR:
            raise WrongState("Only what could not be started can be tried again.")
        if by == "candidate" and not candidate_may_retry(interview):
            raise WrongState(
                "This has been tried as often as it can be from here. "
                "Please tell the people who invited you; no time of yours is lost."
            )
        operation_id = queueing.provision(interview, by=by)
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
                    interview = queueing.again(interview)
                    continue
                bell.ring(interview.operation_id)
            return interview.operation_id
        if interview.state is Status.COMPLETED and interview.operation_id:
            return interview.operation_id
        # An end that another portal began, and that nobody here works on, is taken over.
        is_theirs = interview.state is Status.DESTROYING
        if interview.state not in STARTED and not is_theirs:
            raise WrongState(_cannot_be(interview, "ended"))
        changes = {"end_reason": reason.value} | ({} if save else {"save_files": False})
        status = None if is_theirs else Status.DESTROYING
        operation_id = queueing.replace(interview, Type.DESTROY, status, by, **changes)
        if operation_id is not None:
            return operation_id


def revoke(interview: Interview, *, by: str) -> str | None:
    """Withdraw it from any state that is not final; returns the id of the teardown, if any."""
    while True:
        if interview.state in (Status.REVOKED, Status.CANCELLED):
            return interview.operation_id
        if interview.state in FINAL:
            raise WrongState(_cannot_be(interview, "revoked"))
        if interview.state in STARTED or interview.state is Status.DESTROYING:
            return end(interview, by=by, reason=EndReason.REVOKED)
        withdrawn = Status.CANCELLED if interview.state is Status.SCHEDULED else Status.REVOKED
        try:
            interview.move_to(
                withdrawn,
                by=by,
                completed_at=now(),
                end_reason=EndReason.REVOKED,
                password=None,
            )
        except LostRace:
            interview = queueing.again(interview)
            continue
        return None


def expire(interview: Interview) -> None:
    """Close an invitation that lapsed unused. Never touches one that was started."""
    if interview.state is Status.AVAILABLE and (interview.valid_until or now()) <= now():
        try:
            interview.move_to(Status.EXPIRED, by="schedule", completed_at=now())
        except LostRace:
            queueing.again(interview)


def cancel(operation: Operation, *, by: str) -> None:
    """Stop an operation that provisions. What it made is cleaned up, and it can be tried again."""
    if operation.type == Type.DESTROY:
        raise WrongState("A teardown cannot be cancelled: the workspace would be left running.")
    if operation.type != Type.CREATE:
        raise WrongState("The workspace of a running test is started again until it answers.")
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
                **queueing.after_failure(interview),
            )
        except LostRace:
            interview = queueing.again(interview)
    if (
        interview is not None
        and interview.operation_id == operation.id
        and interview.state is Status.ACTIVE
    ):
        raise WrongState("The workspace is running already: end it instead.")
    if not operation.cancel():
        operation.refresh(consistent_read=True)
        if operation.status != State.CANCELLED:
            raise WrongState(f"The operation is {operation.status} already.")


def extend(interview: Interview, minutes: int, *, by: str) -> None:
    """Give more time, or with a negative number less, before the start or while it runs.

    Each of two at once counts. InvalidInput: the minutes, or what the test would come to by them.
    """
    if not 0 < abs(minutes) <= MAX_EXTENSION:
        raise InvalidInput("minutes", f"From 1 to {MAX_EXTENSION}, or as many minutes less.")
    more = timedelta(minutes=minutes)
    while True:
        if interview.state in FINAL or interview.state is Status.DESTROYING:
            raise WrongState(f"It is {interview.state.badge.lower()}: its time is over.")
        changes = clock.with_more(interview, more)
        try:
            interview.change_time(
                by=by, what="extended", seconds=int(more.total_seconds()), **changes
            )
        except LostRace:
            interview = queueing.again(interview)
            continue
        return


def seen(interview: Interview, time_changes: int) -> None:
    """The candidate's page has shown this change of the time. Repeated or unknown: nothing."""
    if int(interview.time_changes_seen or 0) < time_changes <= int(interview.time_changes or 0):
        interview.note_seen(time_changes)


def reopen(interview: Interview, minutes: int, *, by: str) -> str:
    """Open an ended test again for some minutes, in a new workspace on the files that were saved;
    returns the id of the operation that provisions it."""
    if not 1 <= minutes <= MAX_DURATION:
        raise InvalidInput("minutes", f"From 1 to {MAX_DURATION}.")
    while True:
        if interview.reopened and interview.state in PROVISIONING and interview.operation_id:
            return interview.operation_id
        if interview.state is not Status.COMPLETED or not interview.history_s3_key:
            raise WrongState(
                "It can be opened again only once it is completed with its files saved."
            )
        length = timedelta(minutes=minutes)
        operation_id = queueing.provision(
            interview,
            by=by,
            what="reopened",
            seconds=int(length.total_seconds()),
            reopened=int(interview.reopened or 0) + 1,
            reopened_minutes=minutes,
            auto_destroy_at=now() + length + queueing.PROVISIONING_ALLOWANCE,
            save_files=True,
            attempts=1,
            provisioner=settings.PROVISIONER,
            **dict.fromkeys(("extra_seconds", "ready_at", "answered_at", "restarting"), None),
            **dict.fromkeys(("paused_at", "paused_left", "pause_ends_at"), None),
            **dict.fromkeys(("completed_at", "destroyed_at", "end_reason", "ttl"), None),
        )
        if operation_id is not None:
            return operation_id


def _start_now(interview: Interview, by: str) -> Interview:
    """A crash before this leaves a row that is due, which the schedule starts."""
    activate(interview, by=by)
    return queueing.again(interview)


def _cannot_be(interview: Interview, done: str) -> str:
    article = "An" if interview.noun == "interview" else "A"
    return f"{article} {interview.noun} that is {interview.state.badge.lower()} cannot be {done}."


def _why_not_startable(interview: Interview) -> str:
    return {
        Status.EXPIRED: "This invitation has lapsed, so it can no longer be started.",
        Status.REVOKED: "This invitation was withdrawn.",
        Status.CANCELLED: "This interview was called off.",
        **dict.fromkeys(PROVISIONING, f"This {interview.noun} is being started already."),
        Status.ACTIVE: f"This {interview.noun} is running already.",
        Status.ERROR: f"This {interview.noun} was started before; use try again.",
    }.get(interview.state, f"This {interview.noun} is over.")
