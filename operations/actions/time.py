"""Extend or shorten a candidate's time, and reopen a completed test."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas.limits import MAX_DURATION
from interviews.sittings import MAX_SITTINGS, completed_sittings
from interviews.status_labels import status_label
from interviews.timeline import TimelineEvent
from operations import audit, deadlines
from operations.actions.preconditions import require_room, require_same_sitting
from operations.audit import AuditAction
from operations.exceptions import CONFLICT_MESSAGE, InvalidInputError, WrongStateError
from operations.mail import plan_changes
from operations.queue import dispatch, enqueue

# The most minutes that one call may add or remove.
MAX_EXTENSION = MAX_DURATION


def extend(interview: Interview, minutes: int, *, by: str, notify: bool = True) -> None:
    """Add minutes, or remove them with a negative number, before the start or during the test.

    Two concurrent calls both count. With `notify`, those who were written to get the new length.

    Raises:
        InvalidInputError: if the minutes or the resulting length are out of range.
        WrongStateError: if the test has ended, was changed too often, or was reopened since this
            row was read.
    """
    as_read = interview.reopened
    while True:
        require_same_sitting(interview, as_read)
        changes = planned_extension(interview, minutes)
        require_room(interview)
        try:
            interview.change_time(
                by=by,
                what=TimelineEvent.EXTENDED,
                seconds=minutes * 60,
                notify=notify,
                **changes,
            )
        except StaleWriteError:
            interview = enqueue.reload_interview(interview)
            continue
        break
    if interview.state is Status.ACTIVE:
        # It passes the deadline on to the workspace.
        dispatch.enqueue_health_check(interview.id)
    plan_changes.queue_messages(interview)
    audit.record(AuditAction.EXTENDED, interview.id, detail=f"{minutes} minutes")


def planned_extension(interview: Interview, minutes: int) -> dict[str, Any]:
    """The attributes that `extend` would change.

    Raises:
        InvalidInputError: if the minutes or the resulting length are out of range.
        WrongStateError: if the test has ended.
    """
    if not 0 < abs(minutes) <= MAX_EXTENSION:
        raise InvalidInputError(
            "minutes",
            _("Enter a number from 1 to %(max)s. Use a minus sign to shorten.")
            % {"max": MAX_EXTENSION},
        )
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        raise WrongStateError(
            _("The time can't be changed any more. Status: %(status)s.")
            % {"status": status_label(interview.state)}
        )
    return deadlines.extra_time_changes(interview, timedelta(minutes=minutes))


def mark_time_changes_seen(interview: Interview, time_changes: int) -> None:
    """Record that the candidate's page has shown this time change, unless it is known already."""
    if int(interview.time_changes_seen or 0) < time_changes <= int(interview.time_changes or 0):
        interview.record_time_changes_seen(time_changes)


def reopen(interview: Interview, minutes: int, *, by: str) -> str:
    """Reopen a completed test for some minutes, in a new workspace with the saved files.

    That is a sitting of its own: the row keeps what it had of the one before.

    Returns the id of the operation that provisions it.

    Raises:
        InvalidInputError: if the minutes are out of range.
        WrongStateError: if it is not completed, has no saved files, had MAX_SITTINGS, or was
            reopened for another time since this row was read.
    """
    operation_id = _reopen(interview, minutes, by=by)
    audit.record(AuditAction.REOPENED, interview.id, detail=f"{minutes} minutes")
    return operation_id


def _reopen(interview: Interview, minutes: int, *, by: str) -> str:
    if not 1 <= minutes <= MAX_DURATION:
        raise InvalidInputError(
            "minutes",
            _("Enter a number from %(min)s to %(max)s.") % {"min": 1, "max": MAX_DURATION},
        )
    as_read = interview.reopened
    while True:
        if interview.reopened and interview.state in PROVISIONING and interview.operation_id:
            if interview.reopened_minutes != minutes:
                raise WrongStateError(CONFLICT_MESSAGE)
            return interview.operation_id
        require_same_sitting(interview, as_read)
        if interview.state is not Status.COMPLETED or not interview.history_s3_key:
            raise WrongStateError(_("Only a finished test with saved files can be reopened."))
        if int(interview.reopened or 0) + 1 >= MAX_SITTINGS:
            raise WrongStateError(
                _("A test can have %(max)s sittings at most, and this one already had them.")
                % {"max": MAX_SITTINGS}
            )
        require_room(interview)
        length = timedelta(minutes=minutes)
        operation_id = enqueue.queue_provisioning(
            interview,
            by=by,
            what=TimelineEvent.REOPENED,
            seconds=int(length.total_seconds()),
            sittings=completed_sittings(interview),
            reopened=int(interview.reopened or 0) + 1,
            reopened_minutes=minutes,
            auto_destroy_at=now() + length + enqueue.PROVISIONING_ALLOWANCE,
            save_files=True,
            attempts=1,
            provisioner=settings.PROVISIONER,
            **dict.fromkeys(("extra_seconds", "ready_at", "last_healthy_at", "restarting"), None),
            **dict.fromkeys(("paused_at", "paused_left", "pause_ends_at"), None),
            # Of an end without its files, in the middle of a restore.
            restoring_state=None,
            **dict.fromkeys(("completed_at", "destroyed_at", "end_reason", "ttl"), None),
        )
        if operation_id is not None:
            return operation_id
