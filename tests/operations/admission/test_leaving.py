"""A candidate leaves the line for a workspace, and may press Start again."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions, reconciler
from operations.actions import WrongStateError
from operations.admission.models import Admission, places_taken
from operations.lifecycle import OperationStatus
from operations.models import get_operation
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.operations.admission.conftest import line_of, look, press_start

pytestmark = pytest.mark.django_db


def leave(interview: Interview) -> Interview:
    actions.leave_line(fresh(interview), by="candidate")
    return fresh(interview)


def end(interview: Interview) -> None:
    actions.end(fresh(interview), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(interview)


def test_who_left_is_invited_again_and_the_others_move_up(started, stream):
    _, second, third = started(1, 3)
    operation = operation_of(second)
    valid_until = fresh(second).valid_until
    stream.entries.clear()
    row = leave(second)
    assert (row.state, row.valid_until, row.due_at) == (Status.AVAILABLE, valid_until, valid_until)
    assert (row.operation_id, row.activated_at, row.auto_destroy_at) == (None, None, None)
    assert row.attempts == 0
    assert line_of() == [third.id]
    assert stream.events_named("interview")[-1]["queue"] == {"place": 1}
    assert get_operation(operation.id).status == OperationStatus.CANCELLED
    entry = row.timeline[-1]
    assert (entry.what, entry.by, entry.status) == ("left_line", "candidate", "available")


def test_who_starts_again_is_the_last(started):
    first, second, third = started(1, 3)
    leave(second)
    assert press_start(fresh(second)).state is Status.ACTIVATED
    assert line_of() == [third.id, second.id]
    end(first)
    assert look(third).state is Status.ACTIVE
    end(third)
    row = look(second)
    assert row.state is Status.ACTIVE
    assert row.auto_destroy_at - row.ready_at == timedelta(minutes=60)
    assert row.attempts == 1


def test_the_message_of_the_start_that_was_left_starts_nothing(started, engine):
    first, second = started(1, 2)
    left = operation_of(second).id
    leave(second)
    end(first)
    runner.run_operation(left)
    reconciler.run_due()
    assert fresh(second).state is Status.AVAILABLE
    assert engine.running == {}
    assert not Admission.objects.exists()


def test_repeated_it_changes_nothing(started):
    _, second = started(1, 2)
    moments = len(leave(second).timeline)
    assert len(leave(second).timeline) == moments


def test_whose_turn_it_is_cannot_leave(started):
    first, second = started(1, 2)
    end(first)
    assert [row.interview_id for row in places_taken("fake")] == [second.id]
    with pytest.raises(WrongStateError, match="any more"):
        leave(second)
    assert look(second).state is Status.ACTIVE
    with pytest.raises(WrongStateError, match="any more"):
        leave(second)


def test_a_worker_that_begins_at_the_same_moment_wins(started, monkeypatch):
    _, second = started(1, 2)
    as_read = fresh(second)
    fresh(second).move_to(Status.INITIALIZING, by="worker")
    with pytest.raises(WrongStateError):
        actions.leave_line(as_read, by="candidate")
    assert fresh(second).state is Status.INITIALIZING


def test_after_the_deadline_to_start_nobody_leaves(started):
    _, second = started(1, 2)
    fresh(second).change(valid_until=now() - timedelta(seconds=1))
    assert not actions.may_leave_line(fresh(second))
    with pytest.raises(WrongStateError, match="deadline"):
        leave(second)
    assert line_of() == [second.id]


def test_what_staff_started_is_not_left(started, schedule):
    running = started(1, 1)[0]
    live = schedule()
    actions.activate(live, by="recruiter")
    assert look(live).state is Status.ACTIVATED
    with pytest.raises(WrongStateError, match="Your interviewers"):
        leave(live)
    end(running)
    assert look(live).state is Status.ACTIVE
    actions.reopen(fresh(running), 30, by="recruiter")
    assert look(running).state is Status.ACTIVATED
    assert not actions.may_leave_line(fresh(running))
    with pytest.raises(WrongStateError, match="Your interviewers"):
        leave(running)
    assert line_of() == [running.id]
