"""End, revoke or expire an interview."""

from typing import Any

from django.utils.translation import gettext as _

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, STARTED, EndReason, Status
from interviews.models import Interview, StaleWriteError
from interviews.status_labels import status_label
from operations import audit, practice
from operations.actions.preconditions import require_same_sitting
from operations.audit import AuditAction
from operations.exceptions import WrongStateError
from operations.lifecycle import OperationType
from operations.mail import plan_changes
from operations.queue import dispatch, enqueue


def submit(interview: Interview, *, by: str) -> str:
    """End a test that its candidate hands in early. Returns the id of the teardown."""
    if interview.state in STARTED and interview.state is not Status.ACTIVE:
        raise WrongStateError(_("The workspace isn't ready yet, so there's nothing to submit."))
    return _end(interview, by=by, reason=EndReason.SUBMITTED)


def end(interview: Interview, *, by: str, reason: EndReason, save: bool = True) -> str:
    """End a started test: save the files, then destroy the workspace. Returns the teardown's id.

    `save=False` discards the files, even if a teardown already tries to save them.
    """
    operation_id = _end(interview, by=by, reason=reason, save=save)
    audit.record(AuditAction.ENDED if save else AuditAction.ENDED_WITHOUT_SAVING, interview.id)
    return operation_id


def _end(interview: Interview, *, by: str, reason: EndReason, save: bool = True) -> str:
    as_read = interview.reopened
    while True:
        require_same_sitting(interview, as_read)
        if interview.state is Status.DESTROYING and interview.operation_id:
            if not save and interview.save_files:
                try:
                    interview.change(save_files=False)
                except StaleWriteError:
                    interview = enqueue.reload_interview(interview)
                    continue
                dispatch.enqueue_operation(interview.operation_id, OperationType.DESTROY)
            return interview.operation_id
        if interview.state is Status.COMPLETED and interview.operation_id:
            return interview.operation_id
        if interview.state not in STARTED and interview.state is not Status.DESTROYING:
            raise WrongStateError(
                _("Only what is in progress can be stopped. Status: %(status)s.")
                % {"status": status_label(interview.state)}
            )
        operation_id = _queue_teardown(interview, by=by, reason=reason, save=save)
        if operation_id is not None:
            return operation_id


def _queue_teardown(
    interview: Interview, *, by: str, reason: EndReason, save: bool = True, notify: bool = False
) -> str | None:
    """Queue the teardown and return its id, or None after a lost race.

    An interview that the old portal began to end is taken over: there is no operation for it here.
    """
    is_taken_over = interview.state is Status.DESTROYING
    changes: dict[str, Any] = {"end_reason": reason.value}
    changes |= {} if save else {"save_files": False}
    changes |= {} if is_taken_over else {"notify": notify}
    status = None if is_taken_over else Status.DESTROYING
    return enqueue.replace_operation(interview, OperationType.DESTROY, status, by, **changes)


def revoke(interview: Interview, *, by: str, notify: bool = True) -> str | None:
    """Revoke an interview that has not ended. Returns the id of the teardown, if there is one.

    With `notify`, those who were written to are told.

    Raises:
        WrongStateError: if it has ended, or is ending for another reason, which stays.
    """
    operation_id = _revoke(interview, by=by, notify=notify)
    # Again if it is repeated, as the process may have died in between.
    practice.end_practices_of(interview, by=by)
    plan_changes.queue_messages(interview)
    audit.record(AuditAction.REVOKED, interview.id)
    return operation_id


def _revoke(interview: Interview, *, by: str, notify: bool) -> str | None:
    while True:
        if interview.state in (Status.REVOKED, Status.CANCELLED):
            return interview.operation_id
        if _is_ending(interview) and interview.end_reason == EndReason.REVOKED:
            return interview.operation_id
        _require_withdrawable(interview)
        if interview.state in STARTED or interview.state is Status.DESTROYING:
            operation_id = _queue_teardown(
                interview, by=by, reason=EndReason.REVOKED, notify=notify
            )
            if operation_id is not None:
                return operation_id
            continue
        try:
            interview.move_to(
                _withdrawn_status(interview),
                by=by,
                notify=notify,
                completed_at=now(),
                end_reason=EndReason.REVOKED,
                password=None,
            )
        except StaleWriteError:
            interview = enqueue.reload_interview(interview)
            continue
        return None


def planned_withdrawal(interview: Interview) -> dict[str, Any]:
    """The status and the reason that `revoke` would write.

    Raises:
        WrongStateError: as `revoke` does.
    """
    _require_withdrawable(interview)
    status = _withdrawn_status(interview)
    if interview.state in STARTED or interview.state is Status.DESTROYING:
        status = Status.DESTROYING
    return {"status": status.value, "end_reason": EndReason.REVOKED}


def _withdrawn_status(interview: Interview) -> Status:
    return Status.CANCELLED if interview.state is Status.SCHEDULED else Status.REVOKED


def _require_withdrawable(interview: Interview) -> None:
    if interview.state in FINAL or _is_ending(interview):
        raise WrongStateError(
            _("This can't be withdrawn any more. Status: %(status)s.")
            % {"status": status_label(interview.state)}
        )


def _is_ending(interview: Interview) -> bool:
    """False while another portal ends it: then it can be taken over."""
    return interview.state is Status.DESTROYING and interview.operation_id is not None


def expire(interview: Interview) -> None:
    """Expire an unused invitation whose validity is over. A started one stays as it is."""
    if interview.state is Status.AVAILABLE and (interview.valid_until or now()) <= now():
        try:
            interview.move_to(Status.EXPIRED, by="schedule", completed_at=now())
            practice.end_practices_of(interview, by="schedule")
        except StaleWriteError:
            enqueue.reload_interview(interview)
