"""The candidate's time: more of it, less of it, and opening an ended test again for some."""

from datetime import timedelta

from django.conf import settings

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas import MAX_DURATION
from operations import deadlines
from operations.exceptions import InvalidInputError, WrongStateError
from operations.queue import enqueue

# Minutes that may be given or taken at once.
MAX_EXTENSION = MAX_DURATION


def extend(interview: Interview, minutes: int, *, by: str) -> None:
    """Give more time, or with a negative number less, before the start or while it runs.

    Each of two at once counts. InvalidInputError: the minutes, or what the test would come to by
    them.
    """
    if not 0 < abs(minutes) <= MAX_EXTENSION:
        raise InvalidInputError("minutes", f"From 1 to {MAX_EXTENSION}, or as many minutes less.")
    more = timedelta(minutes=minutes)
    while True:
        if interview.state in FINAL or interview.state is Status.DESTROYING:
            raise WrongStateError(f"It is {interview.state.badge.lower()}: its time is over.")
        changes = deadlines.with_extra_time(interview, more)
        try:
            interview.change_time(
                by=by, what="extended", seconds=int(more.total_seconds()), **changes
            )
        except StaleWriteError:
            interview = enqueue.reload(interview)
            continue
        return


def seen(interview: Interview, time_changes: int) -> None:
    """The candidate's page has shown this change of the time. Repeated or unknown: nothing."""
    if int(interview.time_changes_seen or 0) < time_changes <= int(interview.time_changes or 0):
        interview.record_time_changes_seen(time_changes)


def reopen(interview: Interview, minutes: int, *, by: str) -> str:
    """Open an ended test again for some minutes, in a new workspace on the files that were saved;
    returns the id of the operation that provisions it."""
    if not 1 <= minutes <= MAX_DURATION:
        raise InvalidInputError("minutes", f"From 1 to {MAX_DURATION}.")
    while True:
        if interview.reopened and interview.state in PROVISIONING and interview.operation_id:
            return interview.operation_id
        if interview.state is not Status.COMPLETED or not interview.history_s3_key:
            raise WrongStateError(
                "It can be opened again only once it is completed with its files saved."
            )
        length = timedelta(minutes=minutes)
        operation_id = enqueue.queue_provisioning(
            interview,
            by=by,
            what="reopened",
            seconds=int(length.total_seconds()),
            reopened=int(interview.reopened or 0) + 1,
            reopened_minutes=minutes,
            auto_destroy_at=now() + length + enqueue.PROVISIONING_ALLOWANCE,
            save_files=True,
            attempts=1,
            provisioner=settings.PROVISIONER,
            **dict.fromkeys(("extra_seconds", "ready_at", "last_healthy_at", "restarting"), None),
            **dict.fromkeys(("paused_at", "paused_left", "pause_ends_at"), None),
            **dict.fromkeys(("completed_at", "destroyed_at", "end_reason", "ttl"), None),
        )
        if operation_id is not None:
            return operation_id
