"""Queue operations: write the operation, point the interview at it, then dispatch it.

One conditional write on the interview decides between several processes.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview, StaleWriteError
from interviews.passcodes import new_password
from operations.admission import line
from operations.exceptions import WrongStateError
from operations.lifecycle import OperationType
from operations.models import Operation, get_operation
from operations.queue import dispatch

# A start fails after the test's duration plus this. Once the workspace answers, the candidate has
# the whole duration from that moment.
PROVISIONING_ALLOWANCE = timedelta(minutes=20)
# A test that could not be started can be retried for at least this long.
RETRY_WINDOW = timedelta(days=1)


def queue_provisioning(interview: Interview, *, by: str, **changes: Any) -> str | None:
    """Queue a create operation and return its id. `changes` are those of `Interview.move_to`.

    Returns None after a lost race; `interview` is then reloaded.
    """
    queued_at = now()
    return replace_operation(
        interview,
        OperationType.CREATE,
        Status.ACTIVATED,
        by,
        **{
            "activated_at": interview.activated_at or queued_at,
            "auto_destroy_at": provisioning_ends_at(interview, queued_at),
            "attempts": int(interview.attempts) + 1,
            "provisioner": interview.provisioner or settings.PROVISIONER,
            # Kept over retries and restarts, so that the page shows the password that works.
            "password": interview.password or new_password(),
            "failed_step": None,
            "problem": None,
            **changes,
        },
    )


def ends_at(interview: Interview, ready_at: datetime) -> datetime:
    """The end of an interview whose workspace is ready at `ready_at`.

    Provisioning costs the candidate no time, and a live interview whose workspace is ready early
    does not end early.
    """
    begins_at = max(ready_at, interview.scheduled_at or ready_at)
    return begins_at + interview.length


def provisioning_ends_at(interview: Interview, begun_at: datetime) -> datetime:
    """When a start that begins at `begun_at` fails if its workspace is not ready by then."""
    return ends_at(interview, begun_at) + PROVISIONING_ALLOWANCE


def replace_operation(
    interview: Interview, type_: OperationType, status: Status | None, by: str, **changes: Any
) -> str | None:
    """Point the interview at a new operation, move it to `status` unless that is None, and return
    the operation's id.

    Returns None after a lost race; `interview` is then reloaded.
    """
    may_be_in_line = interview.state is Status.ACTIVATED
    operation = Operation.queue(
        interview.id, type_, requested_by=by, blocked_by=interview.operation_id
    )
    try:
        if status is None:
            interview.change(operation_id=operation.id, **changes)
        else:
            interview.move_to(status, by=by, operation_id=operation.id, **changes)
    except StaleWriteError:
        operation.delete_unclaimed()
        reload_interview(interview)
        return None
    operation.announce()
    dispatch.enqueue_operation(operation.id, type_)
    if type_ is OperationType.DESTROY and may_be_in_line:
        line.release(interview.id)
    return operation.id


def restart_workspace(interview: Interview) -> str | None:
    """Queue a restart of a running test's workspace. Returns None after a lost race."""
    return replace_operation(interview, OperationType.RESTART, None, "schedule", restarting=True)


def repair_operation(interview: Interview) -> None:
    """Queue a new operation if the interview's own is finished or missing while its status says
    that there is work to do.

    No path is known that leads there, but an interview must never be stuck.
    """
    operation = get_operation(interview.operation_id or "")
    if operation is not None and operation.is_unfinished:
        return
    type_ = OperationType.DESTROY if interview.state is Status.DESTROYING else OperationType.CREATE
    replace_operation(interview, type_, None, "schedule")


def changes_after_failure(interview: Interview) -> dict[str, Any]:
    """The changes for a failed start: the interview expires if nobody retries it."""
    return {
        "auto_destroy_at": max(interview.valid_until or now(), now() + RETRY_WINDOW),
        "access_url": None,
        "workspace_state": None,
    }


def reload_interview(interview: Interview) -> Interview:
    """Read the row into `interview` again, after a lost race, and return it.

    Raises:
        WrongStateError: if the interview was deleted.
    """
    current = queries.get_interview(interview.id)
    if current is None:
        raise WrongStateError(_("This was just deleted."))
    interview.attribute_values = current.attribute_values
    interview.on_first_write = current.on_first_write
    return interview
