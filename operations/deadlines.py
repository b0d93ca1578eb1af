"""The candidate's time while a test runs: given by staff, stopped while the workspace is silent.

The clock stops at the last moment at which the workspace was seen to answer, with what was left on
it then, and goes on once it answers again: no minute of an outage is the candidate's.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, STARTED, EndReason, Status
from interviews.models import Interview, StaleWriteError
from operations import models
from operations.exceptions import InvalidInputError
from operations.models import OperationType
from operations.queue import dispatch, enqueue

# What a test may come to by more time, or by less.
LONGEST = timedelta(hours=24)
SHORTEST = timedelta(minutes=1)

# A workspace that does not answer stops the clock, for this long at most.
MAX_PAUSE = timedelta(hours=4)
# How often it is written down, at most, that a workspace answers.
NOTE_EVERY = timedelta(seconds=15)
# A test that was not seen to answer for so long before its end may have been cut short.
UNSEEN = timedelta(seconds=90)
# How long an end waits for somebody to have a look at such a workspace.
LOOK_WITHIN = 60.0  # seconds

NOT_STARTED = (
    "The workspace was not ready in time, as the platform was away or too busy. It can be tried "
    "again, with the whole time."
)

# When this worker first found such a test at its end: (id, end) -> monotonic seconds.
_waiting: dict[tuple[str, datetime], float] = {}


def with_extra_time(interview: Interview, more: timedelta) -> dict[str, Any]:
    """What is written for `more` time, as the interview stands. Raises InvalidInputError."""
    seconds = int(more.total_seconds())
    length = interview.length + more
    if length > LONGEST:
        hours = int(LONGEST.total_seconds() // 3600)
        raise InvalidInputError("minutes", f"It would come to more than {hours} hours.")
    changes: dict[str, Any] = {"extra_seconds": int(interview.extra_seconds or 0) + seconds}
    ends: datetime | None = interview.auto_destroy_at
    left = length
    if interview.state is Status.ACTIVE and ends is not None:
        left = ends + more - _begun(interview, interview.paused_at or now())
    if left < SHORTEST:
        raise InvalidInputError("minutes", "Less than a minute would be left; end it instead.")
    if interview.paused_left is not None:
        changes["paused_left"] = int(interview.paused_left) + seconds
    if interview.state in PROVISIONING | {Status.ACTIVE} and ends is not None:
        changes["auto_destroy_at"] = ends + more
    return changes


def record_healthy(interview: Interview) -> None:
    """The workspace of a running test answers. StaleWriteError: the next look does the rest."""
    if interview.paused_at is not None or interview.restarting or interview.problem:
        resume(interview)
    elif interview.last_healthy_at is None or interview.last_healthy_at + NOTE_EVERY <= now():
        interview.record_healthy()


def pause(interview: Interview) -> None:
    """The workspace of a running test does not answer: its clock stands still. StaleWriteError:
    the next look does it."""
    ends = interview.auto_destroy_at
    answered = interview.last_healthy_at or interview.ready_at
    if interview.paused_at is not None or ends is None or answered is None:
        return
    since = _begun(interview, answered)
    # Before a live interview begins there is no clock to stop.
    if since < ends and since <= now():
        interview.change_time(
            condition=Interview.last_healthy_at == interview.last_healthy_at
            if interview.last_healthy_at is not None
            else Interview.last_healthy_at.does_not_exist(),
            paused_at=since,
            paused_left=int((ends - since).total_seconds()),
            pause_ends_at=now() + MAX_PAUSE,
        )


def _begun(interview: Interview, at: datetime) -> datetime:
    """That moment, or the beginning of a live interview that is still to come by then."""
    begins = None if interview.reopened else interview.scheduled_at
    return max(at, begins) if begins is not None else at


def resume(interview: Interview) -> None:
    """The workspace answers again: what was left on the clock is there again. Raises
    StaleWriteError."""
    at = now()
    if interview.paused_at is None:
        interview.change(restarting=None, failed_step=None, problem=None, last_healthy_at=at)
        return
    interview.change_time(
        by="schedule",
        what="credited",
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
    """End a started test whose time is over, unless it was given more in this moment. One whose
    workspace never became ready can be tried again."""
    while interview.state in STARTED and (interview.due_at or now()) <= now():
        if interview.state in PROVISIONING:
            _fail_start(interview)
            continue
        running = interview.state is Status.ACTIVE
        if running and _may_have_been_cut_short(interview):
            # Is it there? The answer is written down, or the clock is stopped: both settle it.
            dispatch.enqueue_health_check(interview.id)
            return
        reason = EndReason.TIME_UP if running else EndReason.NEVER_READY
        if interview.paused_at is not None:
            reason = EndReason.WORKSPACE_LOST
        end = enqueue.replace_operation(
            interview, OperationType.DESTROY, Status.DESTROYING, "schedule", end_reason=reason.value
        )
        if end is not None:
            _waiting.pop((interview.id, interview.auto_destroy_at), None)
            return


def _fail_start(interview: Interview) -> None:
    """No start takes so long while the platform works: it did not, and the candidate, who may be
    away by now, loses nothing by that."""
    operation = models.get(interview.operation_id or "")
    try:
        interview.move_to(
            Status.ERROR,
            by="schedule",
            failed_step=operation.step if operation is not None else None,
            problem=NOT_STARTED,
            **enqueue.changes_after_failure(interview),
        )
    except StaleWriteError:
        enqueue.reload(interview)
        return
    # Now, and not before: its worker finds itself void and cleans up.
    if operation is not None:
        operation.cancel()


def _may_have_been_cut_short(interview: Interview) -> bool:
    """Nobody saw it answer towards its end: the platform was down, or the workspace."""
    ends, seen = interview.auto_destroy_at, interview.last_healthy_at
    if interview.paused_at is not None or ends is None or seen is None or seen + UNSEEN > ends:
        return False
    began = _waiting.setdefault((interview.id, ends), time.monotonic())
    return time.monotonic() - began < LOOK_WITHIN
