"""The candidate's time while a test runs: extended by staff, paused during a workspace's outage.

The clock is paused as of the last time at which the workspace answered, and resumes with the time
left then once it answers again, so that an outage costs the candidate no time.
"""

import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext as _

from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, STARTED, EndReason, Status
from interviews.models import Interview, StaleWriteError
from interviews.timeline import TimelineEvent
from operations import models
from operations.admission.limits import limit_of
from operations.admission.models import Admission
from operations.exceptions import InvalidInputError
from operations.lifecycle import OperationType
from operations.queue import dispatch, enqueue

logger = structlog.get_logger(__name__)

# The longest test, and the least time that may be left, after an extension.
MAX_LENGTH = timedelta(hours=24)
MIN_TIME_LEFT = timedelta(minutes=1)

# The longest pause while a workspace does not answer.
MAX_PAUSE = timedelta(hours=4)
# The shortest time between two writes that a workspace answers.
RECORD_HEALTHY_EVERY = timedelta(seconds=15)
# A test whose workspace did not answer for this long before its end may have been cut short.
MAX_UNSEEN = timedelta(seconds=90)
# How long the end of such a test waits for a health check of its workspace.
HEALTH_CHECK_WAIT = 60.0  # seconds

NOT_READY_IN_TIME = (
    "The workspace wasn't ready in time, as the platform was down or too busy. It can be tried "
    "again with the full time."
)

# When this worker first delayed the end of such a test: (id, end) -> monotonic seconds.
_health_check_waits: dict[tuple[str, datetime], float] = {}

# So long this worker does not ask the SQL database for the line after it gave no answer: each row
# that is due would wait for it again, and hold up those that come after.
LINE_RETRY_DELAY = 10.0  # seconds


class LineUnknownError(Exception):
    """The SQL database gave no answer, so nobody knows who is in line for a place."""


class _LineOutage:
    """Remembers for LINE_RETRY_DELAY that the SQL database gave no answer."""

    def __init__(self) -> None:
        self._until = 0.0  # monotonic seconds

    def check(self) -> None:
        """Raise LineUnknownError during an outage."""
        if time.monotonic() < self._until:
            raise LineUnknownError

    def begin(self, error: DatabaseError) -> None:
        self._until = time.monotonic() + LINE_RETRY_DELAY
        logger.warning("places_unknown", reason=type(error).__name__)


_line_outage = _LineOutage()


def extra_time_changes(interview: Interview, more: timedelta) -> dict[str, Any]:
    """The changes to an interview that gives its candidate `more` time.

    Raises:
        InvalidInputError: if the test would become too long, or less than MIN_TIME_LEFT remained.
    """
    seconds = int(more.total_seconds())
    length = interview.length + more
    if length > MAX_LENGTH:
        hours = int(MAX_LENGTH.total_seconds() // 3600)
        raise InvalidInputError(
            "minutes", _("That would be more than %(hours)s hours.") % {"hours": hours}
        )
    changes: dict[str, Any] = {"extra_seconds": int(interview.extra_seconds or 0) + seconds}
    ends: datetime | None = interview.auto_destroy_at
    left = length
    if interview.state is Status.ACTIVE and ends is not None:
        left = ends + more - _not_before_start(interview, interview.paused_at or now())
    if left < MIN_TIME_LEFT:
        raise InvalidInputError(
            "minutes", _("That leaves less than a minute. Stop it now instead.")
        )
    if interview.paused_left is not None:
        changes["paused_left"] = int(interview.paused_left) + seconds
    if interview.state in PROVISIONING | {Status.ACTIVE} and ends is not None:
        changes["auto_destroy_at"] = ends + more
    return changes


def record_healthy(interview: Interview) -> None:
    """Record that the workspace of a running test answers, and resume its clock.

    Raises:
        StaleWriteError: if the row changed since it was read. The next health check tries again.
    """
    if interview.paused_at is not None or interview.restarting or interview.problem:
        resume(interview)
    elif (
        interview.last_healthy_at is None
        or interview.last_healthy_at + RECORD_HEALTHY_EVERY <= now()
    ):
        interview.record_healthy()


def pause(interview: Interview) -> None:
    """Pause the clock of a running test whose workspace does not answer.

    That of a practice workspace goes on: the candidate loses nothing by it.

    Raises:
        StaleWriteError: if the row changed since it was read. The next health check tries again.
    """
    ends = interview.auto_destroy_at
    answered = interview.last_healthy_at or interview.ready_at
    if interview.paused_at is not None or ends is None or answered is None:
        return
    if interview.is_practice:
        return
    since = _not_before_start(interview, answered)
    # The clock of a live interview does not run before its scheduled time.
    if since < ends and since <= now():
        interview.change_time(
            condition=Interview.last_healthy_at == interview.last_healthy_at
            if interview.last_healthy_at is not None
            else Interview.last_healthy_at.does_not_exist(),
            paused_at=since,
            paused_left=int((ends - since).total_seconds()),
            pause_ends_at=now() + MAX_PAUSE,
        )


def _not_before_start(interview: Interview, at: datetime) -> datetime:
    """`at`, or the scheduled time of a live interview if that is later."""
    begins = None if interview.reopened else interview.scheduled_at
    return max(at, begins) if begins is not None else at


def resume(interview: Interview) -> None:
    """Resume the clock of a test whose workspace answers again, with the time that was left.

    Raises:
        StaleWriteError: if the row changed since it was read.
    """
    at = now()
    if interview.paused_at is None:
        interview.change(restarting=None, failed_step=None, problem=None, last_healthy_at=at)
        return
    interview.change_time(
        by="schedule",
        what=TimelineEvent.CREDITED,
        seconds=int((at - interview.paused_at).total_seconds()),
        auto_destroy_at=at + timedelta(seconds=int(interview.paused_left)),
        last_healthy_at=at,
        paused_at=None,
        paused_left=None,
        pause_ends_at=None,
        restarting=None,
        failed_step=None,
        problem=None,
    )


def end_overdue(interview: Interview) -> None:
    """End a started test whose time is over, unless it was extended meanwhile.

    A test whose workspace never became ready can be retried. While nobody knows whether its start
    is in line, nothing happens to it: the next tick decides.
    """
    while interview.state in STARTED and (interview.due_at or now()) <= now():
        if interview.state in PROVISIONING:
            try:
                is_in_line = _is_in_line(interview)
            except LineUnknownError:
                return
            if not is_in_line:
                _fail_start(interview)
            continue
        running = interview.state is Status.ACTIVE
        if running and _may_have_been_cut_short(interview):
            # The health check records that the workspace answers, or pauses the clock.
            dispatch.enqueue_health_check(interview.id)
            return
        reason = EndReason.TIME_UP if running else EndReason.NEVER_READY
        if interview.paused_at is not None:
            reason = EndReason.WORKSPACE_LOST
        end = enqueue.replace_operation(
            interview, OperationType.DESTROY, Status.DESTROYING, "schedule", end_reason=reason.value
        )
        if end is not None:
            _health_check_waits.pop((interview.id, interview.auto_destroy_at), None)
            return


def _is_in_line(interview: Interview) -> bool:
    """Whether its start waits for a place, or just got one: then it has more time.

    Raises:
        LineUnknownError: if the SQL database gives no answer, or gave none a moment ago.
    """
    if interview.state is not Status.ACTIVATED or limit_of(interview.provisioner) is None:
        return False
    _line_outage.check()
    try:
        if not _waits_or_just_waited(interview):
            return False
    except DatabaseError as error:
        _line_outage.begin(error)
        raise LineUnknownError from error
    try:
        interview.change(auto_destroy_at=enqueue.provisioning_ends_at(interview, now()))
    except StaleWriteError:
        enqueue.reload_interview(interview)
    return True


def _waits_or_just_waited(interview: Interview) -> bool:
    """Whether its start is in line, or left it so lately that no worker may have come to it."""
    row = Admission.objects.filter(workspace=interview.workspace_name).first()
    if row is None:
        return False
    return row.admitted_at is None or row.admitted_at + enqueue.PROVISIONING_ALLOWANCE > now()


def _fail_start(interview: Interview) -> None:
    """Fail a start whose workspace is not ready by the end of the test.

    That happens only if the platform was down. The candidate may be away by now, and loses no
    time: a retry has the whole duration.
    """
    operation = models.get_operation(interview.operation_id or "")
    try:
        interview.move_to(
            Status.ERROR,
            by="schedule",
            failed_step=operation.step if operation is not None else None,
            problem=NOT_READY_IN_TIME,
            **enqueue.changes_after_failure(interview),
        )
    except StaleWriteError:
        enqueue.reload_interview(interview)
        return
    # Only after the interview has moved on: the operation's worker notices that and cleans up.
    if operation is not None:
        operation.cancel()
        # No worker has it between two readiness checks: one is asked to clean up.
        dispatch.enqueue_operation(operation.id, OperationType(operation.type))


def _may_have_been_cut_short(interview: Interview) -> bool:
    """Whether the workspace, or the platform, may have been down towards the test's end."""
    ends, seen = interview.auto_destroy_at, interview.last_healthy_at
    if interview.is_practice:
        return False
    if interview.paused_at is not None or ends is None or seen is None or seen + MAX_UNSEEN > ends:
        return False
    began = _health_check_waits.setdefault((interview.id, ends), time.monotonic())
    return time.monotonic() - began < HEALTH_CHECK_WAIT
