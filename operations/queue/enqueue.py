"""Pointing an interview at new work: the operation is written, then the row points at it, then the
bell rings. Each of these is decided by one conditional write."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview, StaleWriteError
from interviews.passcodes import new_password
from operations.exceptions import WrongStateError
from operations.models import Operation, OperationType
from operations.models import get as get_operation
from operations.queue import dispatch

# What provisioning may take before the clock is stopped for good; once the workspace answers, the
# candidate gets the whole duration from that moment.
PROVISIONING_ALLOWANCE = timedelta(minutes=20)
# A test that could not be started stays open for another try at least this long.
RETRY_WINDOW = timedelta(days=1)


def queue_provisioning(interview: Interview, *, by: str, **changes: Any) -> str | None:
    """Queue a create operation; None: lost the race, and `interview` is read again.

    `changes` are written with it, as `Interview.move_to` takes them.
    """
    at = now()
    return replace_operation(
        interview,
        OperationType.CREATE,
        Status.ACTIVATED,
        by,
        **{
            "activated_at": interview.activated_at or at,
            "auto_destroy_at": ends_at(interview, at) + PROVISIONING_ALLOWANCE,
            "attempts": int(interview.attempts) + 1,
            "provisioner": interview.provisioner or settings.PROVISIONER,
            # Made once and kept, so that a second try and a restart show the password that works.
            "password": interview.password or new_password(),
            "failed_step": None,
            "problem": None,
            **changes,
        },
    )


def ends_at(interview: Interview, ready_at: datetime) -> datetime:
    """The end of an interview whose workspace answers at that moment: nobody loses a minute to
    provisioning, and a live one does not end early because it was ready early."""
    begins_at = max(ready_at, interview.scheduled_at or ready_at)
    return begins_at + interview.length


def replace_operation(
    interview: Interview, type_: OperationType, status: Status | None, by: str, **changes: Any
) -> str | None:
    """Point the interview at a new operation, with a new status if there is one.

    None: somebody else was first, and `interview` is read again.
    """
    operation = Operation.queue(
        interview.id, type_, requested_by=by, blocked_by=interview.operation_id
    )
    try:
        if status is None:
            interview.change(operation_id=operation.id, **changes)
        else:
            interview.move_to(status, by=by, operation_id=operation.id, **changes)
    except StaleWriteError:
        operation.discard()
        reload(interview)
        return None
    operation.announce()
    dispatch.enqueue_operation(operation.id)
    return operation.id


def restart_workspace(interview: Interview) -> str | None:
    """Start a running test's workspace again where it was; None: something else came first."""
    return replace_operation(interview, OperationType.RESTART, None, "schedule", restarting=True)


def repair_operation(interview: Interview) -> None:
    """Queue the work of an interview whose operation is finished or gone, though its own status
    says that there is work to do. No path is known that leads there; none may be a dead end."""
    operation = get_operation(interview.operation_id or "")
    if operation is not None and operation.is_unfinished:
        return
    type_ = OperationType.DESTROY if interview.state is Status.DESTROYING else OperationType.CREATE
    replace_operation(interview, type_, None, "schedule")


def changes_after_failure(interview: Interview) -> dict[str, Any]:
    """What a failed start leaves: no clock runs, and the row is closed one day if nobody tries."""
    return {
        "auto_destroy_at": max(interview.valid_until or now(), now() + RETRY_WINDOW),
        "access_url": None,
        "workspace_state": None,
    }


def reload(interview: Interview) -> Interview:
    """The row as it is now, after a lost race. WrongStateError: it was deleted."""
    found = queries.get_interview(interview.id)
    if found is None:
        raise WrongStateError("It was deleted in this moment.")
    interview.attribute_values = found.attribute_values
    interview.on_first_write = found.on_first_write
    return interview
