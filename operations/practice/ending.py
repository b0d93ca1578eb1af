"""End practice workspaces: nothing in them is saved."""

import contextlib

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, EndReason, Status
from interviews.models import Interview, StaleWriteError
from operations.exceptions import WrongStateError
from operations.lifecycle import OperationType
from operations.practice.rows import practices_of
from operations.queue import enqueue


def end_practices_of(interview: Interview, *, by: str) -> None:
    """End the interview's practice workspaces, without waiting until they are gone."""
    for practice in practices_of(interview.id):
        # It was deleted at the same time.
        with contextlib.suppress(WrongStateError):
            end_practice(practice, by=by)


def end_practice(practice: Interview, *, by: str) -> None:
    """End it. Does nothing if it has ended or is ending.

    Raises:
        WrongStateError: if it was just deleted.
    """
    # No page shows the reason: the candidate is done with it, whoever ended it.
    reason = EndReason.SUBMITTED.value
    while practice.state not in FINAL and practice.state is not Status.DESTROYING:
        if practice.state is not Status.SCHEDULED:
            enqueue.replace_operation(
                practice, OperationType.DESTROY, Status.DESTROYING, by, end_reason=reason
            )
            continue
        try:
            # Nothing was made for it yet.
            practice.move_to(Status.CANCELLED, by=by, completed_at=now(), end_reason=reason)
        except StaleWriteError:
            enqueue.reload_interview(practice)
