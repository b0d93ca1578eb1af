"""The line for a workspace: who is next, and who is told."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from operations import actions, reconciler
from operations.admission import line
from operations.admission.models import Admission, places_taken
from tests.conftest import fresh, operation_of, run_until_idle
from tests.operations.admission.conftest import line_of, look, press_start, statuses
from tests.operations.admission.line.starts import end

pytestmark = pytest.mark.django_db


def test_without_a_limit_nothing_is_written(invite, engine, set_limit):
    set_limit(0)
    interview = press_start(invite())
    assert interview.state is Status.ACTIVE
    assert not Admission.objects.exists()


def test_as_many_start_as_there_are_places_and_the_others_wait_in_order(started, engine):
    tests = started(2, 4)
    assert statuses(*tests) == ["active", "active", "activated", "activated"]
    assert line_of() == [tests[2].id, tests[3].id]
    assert set(engine.running) == {tests[0].id, tests[1].id}
    waiting = operation_of(tests[2])
    assert (waiting.status, waiting.attempts, waiting.lease_owner) == ("pending", 0, None)


def test_the_end_of_a_test_admits_the_next_and_dispatches_it(started, enqueued):
    first, second, third = started(1, 3)
    enqueued.clear()
    end(first)
    assert enqueued.count(("operations.run", operation_of(second).id)) == 1
    assert ("operations.run", operation_of(third).id) not in enqueued
    assert line_of() == [third.id]
    assert look(second).state is Status.ACTIVE
    assert look(third).state is Status.ACTIVATED


def test_a_place_is_taken_until_the_workspace_is_gone(started, engine):
    first, second = started(1, 2)
    actions.submit(fresh(first), by="candidate")
    assert look(second).state is Status.ACTIVATED
    assert first.id in engine.running
    run_until_idle(first)
    assert look(second).state is Status.ACTIVE


def test_the_wait_costs_no_time_and_no_attempt(started):
    first, second = started(1, 2)
    # The wait of an hour, in which the message for its start was lost.
    Admission.objects.filter(interview_id=second.id).update(queued_at=now() - timedelta(hours=1))
    operation = operation_of(second)
    operation.update(actions=[type(operation).queued_at.set(now() - timedelta(hours=1))])
    end(first)
    row = look(second)
    assert row.auto_destroy_at - row.ready_at == timedelta(minutes=60)
    assert row.attempts == 1
    assert operation_of(second).begun_at > now() - timedelta(minutes=1)


def test_a_start_in_line_is_not_failed_when_its_time_is_over(invite, engine, set_limit):
    set_limit(1)
    first, second = invite(), invite()
    press_start(first)
    waiting = press_start(second)
    waiting.change(auto_destroy_at=now() - timedelta(seconds=1))
    reconciler.run_due()
    row = fresh(second)
    assert row.state is Status.ACTIVATED
    assert row.auto_destroy_at > now() + timedelta(minutes=60)
    assert line_of() == [second.id]


def test_a_deadline_that_passes_in_line_ends_nothing(invite, engine, set_limit):
    set_limit(1)
    first, second = invite(), invite()
    press_start(first)
    waiting = press_start(second)
    waiting.change(valid_until=now() - timedelta(seconds=1))
    reconciler.run_due()
    assert fresh(second).state is Status.ACTIVATED
    end(first)
    assert look(second).state is Status.ACTIVE


def test_live_interviews_go_before_take_homes_and_dry_runs_last(
    invite, schedule, challenge, engine, set_limit
):
    set_limit(1)
    press_start(invite())
    dry_run = actions.start_dry_run(challenge.id, None, by="recruiter")
    look(dry_run)
    take_home = invite()
    press_start(take_home)
    live = schedule()
    actions.activate(live, by="recruiter")
    look(live)
    assert line_of() == [live.id, take_home.id, dry_run.id]


def test_staff_moves_a_start_to_the_front(started, schedule, stream):
    first, second, third = started(1, 3)
    live = schedule()
    actions.activate(live, by="recruiter")
    look(live)
    assert line_of() == [live.id, second.id, third.id]
    stream.entries.clear()
    assert line.move_to_front(Admission.objects.get(interview_id=third.id))
    assert line_of() == [third.id, live.id, second.id]
    assert line.move_to_front(Admission.objects.get(interview_id=second.id))
    assert line_of() == [second.id, third.id, live.id]
    places = [(each["interviewId"], each["queue"]) for each in stream.events_named("interview")]
    assert places[:3] == [
        (third.id, {"place": 1}),
        (live.id, {"place": 2}),
        (second.id, {"place": 3}),
    ]
    end(first)
    assert not line.move_to_front(Admission.objects.get(interview_id=second.id))


def test_a_take_home_leaves_a_place_for_an_interview_that_is_due_soon(
    invite, schedule, engine, set_limit, settings
):
    set_limit(2)
    soon = schedule(scheduled_at=now() + timedelta(minutes=8))
    first, second = invite(), invite()
    press_start(first)
    assert press_start(second).state is Status.ACTIVATED
    assert places_taken("fake").count() == 1
    # Five minutes before its time it takes the place that was left.
    soon.change(scheduled_at=now() + timedelta(minutes=4))
    reconciler.run_due()
    assert look(soon).state is Status.ACTIVE
    assert statuses(first, second) == ["active", "activated"]
    end(first)
    assert look(second).state is Status.ACTIVE


def test_an_interview_that_was_just_started_keeps_a_place_of_its_engine(
    invite, schedule, engine, set_limit
):
    set_limit(1)
    live = schedule()
    actions.activate(live, by="recruiter")
    test = invite()
    assert press_start(test).state is Status.ACTIVATED
    fresh(live).change(provisioner="other")
    assert look(test).state is Status.ACTIVE


def test_staffs_choice_takes_the_place_that_was_left(invite, schedule, engine, set_limit):
    set_limit(1)
    schedule(scheduled_at=now() + timedelta(minutes=8))
    test = invite()
    assert press_start(test).state is Status.ACTIVATED
    line.move_to_front(Admission.objects.get(interview_id=test.id))
    assert look(test).state is Status.ACTIVE


def test_an_interview_later_today_keeps_no_place_free(invite, schedule, engine, set_limit):
    set_limit(1)
    schedule(scheduled_at=now() + timedelta(minutes=30))
    assert press_start(invite()).state is Status.ACTIVE


def test_who_is_withdrawn_or_cancelled_leaves_the_line(started, stream):
    first, second, third, fourth = started(1, 4)
    actions.revoke(fresh(second), by="recruiter", notify=False)
    assert line_of() == [third.id, fourth.id]
    actions.cancel(operation_of(third), by="recruiter")
    assert line_of() == [fourth.id]
    assert stream.events_named("interview")[-1]["queue"] == {"place": 1}
    end(first)
    assert look(fourth).state is Status.ACTIVE


def test_who_joins_tells_nobody_before_them(invite, schedule, engine, set_limit, stream):
    def told():
        events = stream.events_named("interview")
        stream.entries.clear()
        return [(each["interviewId"], each["queue"]) for each in events if each.get("queue")]

    set_limit(1)
    first, second, third = (invite() for _ in range(3))
    for each in (first, second):
        press_start(each)
    told()
    press_start(third)
    assert told() == [(third.id, {"place": 2})]
    live = schedule()
    actions.activate(live, by="recruiter")
    look(live)
    places = enumerate((live, second, third), 1)
    assert told() == [(each.id, {"place": place}) for place, each in places]


def test_who_finds_a_place_at_once_is_not_told_of_a_line(invite, engine, set_limit, stream):
    set_limit(1)
    press_start(invite())
    assert not any(each.get("queue") for each in stream.events_named("interview"))
    assert stream.events_named("workspaces")


def test_a_place_that_nobody_may_have_yet_moves_nobody_up(started, schedule, stream):
    first, second = started(1, 2)
    schedule(scheduled_at=now() + timedelta(minutes=8))
    actions.end(fresh(first), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    stream.entries.clear()
    run_until_idle(first)
    assert not any(each.get("queue") for each in stream.events_named("interview"))
    assert stream.events_named("workspaces")
    assert line_of() == [second.id]
