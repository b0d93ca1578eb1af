"""Ending an interview: by its candidate, by staff, or because its time is over."""

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, STARTED, EndReason, Status
from interviews.models import Interview, StaleWriteError
from operations.exceptions import WrongStateError
from operations.models import OperationType
from operations.queue import dispatch, enqueue


def submit(interview: Interview, *, by: str) -> str:
    """The candidate hands in before the time is up; returns the id of the teardown."""
    if interview.state in STARTED and interview.state is not Status.ACTIVE:
        raise WrongStateError("There is nothing to submit yet: the workspace is not ready.")
    return end(interview, by=by, reason=EndReason.SUBMITTED)


def end(interview: Interview, *, by: str, reason: EndReason, save: bool = True) -> str:
    """End a started test: files are saved, then the workspace is destroyed; returns the id of the
    teardown. `save=False` gives up on the files, also when the saving is already being tried."""
    while True:
        if interview.state is Status.DESTROYING and interview.operation_id:
            if not save and interview.save_files:
                try:
                    interview.change(save_files=False)
                except StaleWriteError:
                    interview = enqueue.reload_interview(interview)
                    continue
                dispatch.enqueue_operation(interview.operation_id)
            return interview.operation_id
        if interview.state is Status.COMPLETED and interview.operation_id:
            return interview.operation_id
        # An end that another portal began, and that nobody here works on, is taken over.
        is_theirs = interview.state is Status.DESTROYING
        if interview.state not in STARTED and not is_theirs:
            raise WrongStateError(_wrong_state_message(interview, "ended"))
        changes = {"end_reason": reason.value} | ({} if save else {"save_files": False})
        status = None if is_theirs else Status.DESTROYING
        operation_id = enqueue.replace_operation(
            interview, OperationType.DESTROY, status, by, **changes
        )
        if operation_id is not None:
            return operation_id


def revoke(interview: Interview, *, by: str) -> str | None:
    """Withdraw it from any state that is not final; returns the id of the teardown, if any."""
    while True:
        if interview.state in (Status.REVOKED, Status.CANCELLED):
            return interview.operation_id
        if interview.state in FINAL:
            raise WrongStateError(_wrong_state_message(interview, "revoked"))
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
        except StaleWriteError:
            interview = enqueue.reload_interview(interview)
            continue
        return None


def expire(interview: Interview) -> None:
    """Close an invitation that lapsed unused. Never touches one that was started."""
    if interview.state is Status.AVAILABLE and (interview.valid_until or now()) <= now():
        try:
            interview.move_to(Status.EXPIRED, by="schedule", completed_at=now())
        except StaleWriteError:
            enqueue.reload_interview(interview)


def _wrong_state_message(interview: Interview, done: str) -> str:
    article = "An" if interview.noun == "interview" else "A"
    return f"{article} {interview.noun} that is {interview.state.badge.lower()} cannot be {done}."
