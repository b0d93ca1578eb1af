"""Start an interview, retry or cancel a start, or move it within its line or out of it."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import NOT_STARTED, PROVISIONING, EndReason, Status
from interviews.models import Interview, StaleWriteError
from interviews.timeline import TimelineEvent
from operations import audit, policies, practice
from operations.actions.ending import expire
from operations.actions.preconditions import require_room, require_same_sitting
from operations.admission import line
from operations.admission.models import Admission
from operations.audit import AuditAction
from operations.exceptions import WrongStateError
from operations.lifecycle import OperationStatus, OperationType
from operations.models import Operation, get_operation
from operations.queue import dispatch, enqueue

# How often a candidate may press "Try again" before staff must do it.
CANDIDATE_RETRIES = 3


def activate(interview: Interview, *, by: str, confirmed_policy: str | None = None) -> str:
    """Start it. Returns the id of the operation that provisions its workspace.

    A candidate confirms what is allowed with it: `confirmed_policy` is the id of that.

    Raises:
        InvalidInputError: if the candidate did not confirm what the challenge says.
        WrongStateError: if it can't be started.
    """
    operation_id = queue_start(interview, by=by, confirmed_policy=confirmed_policy)
    audit.record(AuditAction.STARTED, interview.id)
    return operation_id


def start_scheduled(interview: Interview) -> None:
    """Start a live interview that is due, or cancel it if its time passed while the platform was
    down. One that was moved to a later time meanwhile stays as it is."""
    while interview.state is Status.SCHEDULED and (interview.due_at or now()) <= now():
        scheduled_at = interview.scheduled_at
        if scheduled_at is None or scheduled_at + interview.length > now():
            if enqueue.queue_provisioning(interview, by="schedule") is not None:
                return
            continue
        try:
            interview.move_to(
                Status.CANCELLED,
                by="schedule",
                completed_at=now(),
                end_reason=EndReason.MISSED,
                password=None,
            )
            practice.end_practices_of(interview, by="schedule")
        except StaleWriteError:
            enqueue.reload_interview(interview)


def queue_start(interview: Interview, *, by: str, confirmed_policy: str | None = None) -> str:
    """Start it as a part of another action, which writes the audit entry.

    Raises:
        InvalidInputError: as `activate` does.
        WrongStateError: as `activate` does.
    """
    if by == "candidate" and not interview.is_take_home:
        raise WrongStateError(_("Your interviewers start a live interview."))
    while True:
        if interview.state in PROVISIONING and interview.operation_id:
            return interview.operation_id
        if interview.state not in NOT_STARTED:
            raise WrongStateError(_not_startable_message(interview))
        if interview.valid_until is not None and interview.valid_until <= now():
            expire(interview)
            raise WrongStateError(_not_startable_message(interview))
        confirms = policies.confirmation(interview, confirmed_policy) if by == "candidate" else {}
        operation_id = enqueue.queue_provisioning(interview, by=by, **confirms)
        if operation_id is not None:
            return operation_id


def retry(interview: Interview, *, by: str) -> str:
    """Provision again after an error, with the whole duration. Returns the operation's id.

    Raises:
        WrongStateError: if there is nothing to retry, the candidate did so too often, or the test
            was reopened since this row was read.
    """
    operation_id = _retry(interview, by=by)
    audit.record(AuditAction.RETRIED, interview.id)
    return operation_id


def _retry(interview: Interview, *, by: str) -> str:
    as_read = interview.reopened
    while True:
        require_same_sitting(interview, as_read)
        if interview.state in PROVISIONING and interview.operation_id:
            return interview.operation_id
        if interview.state is not Status.ERROR:
            raise WrongStateError(_("Only a failed start can be tried again."))
        if by == "candidate" and not candidate_may_retry(interview):
            raise WrongStateError(
                _(
                    "Several attempts failed. Please tell the people who invited you. "
                    "You won't lose any time."
                )
            )
        operation_id = enqueue.queue_provisioning(interview, by=by)
        if operation_id is not None:
            return operation_id


def candidate_may_retry(interview: Interview) -> bool:
    return interview.state is Status.ERROR and interview.attempts <= CANDIDATE_RETRIES


def cancel(operation: Operation, *, by: str) -> None:
    """Cancel a create operation. Its worker cleans up, and the start can be retried."""
    if operation.type == OperationType.DESTROY:
        raise WrongStateError(
            _("Saving and shutting down can't be cancelled: the workspace would keep running.")
        )
    if operation.type != OperationType.CREATE:
        raise WrongStateError(
            _("The workspace of a test in progress is restarted until it responds.")
        )
    interview = queries.get_interview(operation.interview_id)
    # The interview changes first: after a crash the operation's worker notices that and stops.
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
                problem="Staff cancelled the start of the workspace.",
                **enqueue.changes_after_failure(interview),
            )
        except StaleWriteError:
            interview = enqueue.reload_interview(interview)
    if (
        interview is not None
        and interview.operation_id == operation.id
        and interview.state is Status.ACTIVE
    ):
        raise WrongStateError(_("The workspace is already running. Stop the test instead."))
    if not operation.cancel():
        operation.refresh(consistent_read=True)
        if operation.status != OperationStatus.CANCELLED:
            raise WrongStateError(_("This operation has already ended."))
    # No worker has it between two readiness checks: one is asked to clean up.
    dispatch.enqueue_operation(operation.id, OperationType(operation.type))
    line.release(operation.interview_id)
    audit.record(AuditAction.CANCELLED_OPERATION, operation.interview_id)


def _not_startable_message(interview: Interview) -> str:
    return {
        Status.EXPIRED: _("This invitation has expired and can no longer be started."),
        Status.REVOKED: _("This invitation was withdrawn."),
        Status.CANCELLED: _("This interview was cancelled."),
        **dict.fromkeys(PROVISIONING, _("The workspace is already starting.")),
        Status.ACTIVE: _("The workspace is already running."),
        Status.ERROR: _("The start failed. Use “Try again” instead."),
    }.get(interview.state, _("This is already over."))


def move_to_front(interview: Interview, *, by: str) -> None:
    """Make it the next to get a workspace. Repeated, it is still the next, and nothing is written.

    Raises:
        WrongStateError: if it is not in line, or was changed too often.
    """
    admission = _waiting(interview).first()
    if admission is not None and line.is_first_by_choice(admission):
        return
    require_room(interview)
    if admission is None or not line.move_to_front(admission):
        raise WrongStateError(_("This isn't in line for a workspace any more."))
    _add_to_timeline(interview, by)
    audit.record(AuditAction.MOVED_UP, interview.id)


def leave_line(interview: Interview, *, by: str) -> None:
    """Take a candidate's start out of the line: they may press Start again, and are last then.

    Repeated, nothing happens.

    Raises:
        WrongStateError: if it is not in line any more, or could not be started again.
    """
    while interview.state is not Status.AVAILABLE:
        _require_leavable(interview)
        operation = get_operation(interview.operation_id or "")
        try:
            # Without its operation first: a worker that comes to it then does nothing.
            interview.move_to(
                Status.AVAILABLE,
                by=by,
                what=TimelineEvent.LEFT_LINE,
                operation_id=None,
                activated_at=None,
                auto_destroy_at=None,
                provisioner=None,
                attempts=int(interview.attempts) - 1,
            )
        except StaleWriteError:
            enqueue.reload_interview(interview)
            continue
        if operation is not None:
            operation.cancel()
        line.release(interview.id)


def may_leave_line(interview: Interview) -> bool:
    """Whether the candidate of a start that is in line could start it again after they left."""
    return _is_started_by_candidate(interview) and not _is_deadline_over(interview)


def _waiting(interview: Interview) -> QuerySet[Admission]:
    """Its start, if that is in line."""
    return Admission.objects.filter(workspace=interview.workspace_name, admitted_at=None)


def _is_started_by_candidate(interview: Interview) -> bool:
    """Staff starts live interviews, and opens tests again."""
    return interview.is_take_home and not interview.reopened


def _is_deadline_over(interview: Interview) -> bool:
    return interview.valid_until is not None and interview.valid_until <= now()


def _require_leavable(interview: Interview) -> None:
    if interview.state is not Status.ACTIVATED or not _waiting(interview).exists():
        raise WrongStateError(_("You aren't in line for a workspace any more."))
    if not _is_started_by_candidate(interview):
        raise WrongStateError(_("Your interviewers started this. You keep your place in line."))
    if _is_deadline_over(interview):
        raise WrongStateError(
            _("The deadline to start has passed, so you couldn't start again. You keep your place.")
        )


def _add_to_timeline(interview: Interview, by: str) -> None:
    while True:
        try:
            interview.add_moved_up(by=by)
        except StaleWriteError:
            enqueue.reload_interview(interview)
        else:
            return
