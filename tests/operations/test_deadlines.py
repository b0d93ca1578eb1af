"""The candidate's time: stopped while the workspace is silent, and credited when it answers."""

from datetime import timedelta

import pytest
import time_machine

from interviews.dynamodb import now
from interviews.models import Interview, StaleWriteError
from operations import deadlines, health_watch, models, reconciler
from operations.models import OperationType
from operations.worker import runner
from tests.conftest import fresh, run_until_idle
from tests.fakes import FakeProvisioner


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """A second look comes at once."""
    monkeypatch.setattr("operations.worker.handler.shutting_down.wait", lambda seconds: False)


@pytest.fixture(autouse=True)
def nobody_waits():
    deadlines._waiting.clear()


def silence(engine: FakeProvisioner, interview: Interview) -> None:
    engine.running.pop(interview.id)


def lines(interview: Interview) -> list[tuple[str, str, int]]:
    """What the timeline says besides the statuses."""
    return [
        (moment.what, moment.by, int(moment.seconds))
        for moment in fresh(interview).timeline
        if moment.what
    ]


def test_answering_is_written_down_and_changes_nothing_else(running, stream):
    before = fresh(running)
    heard = len(stream.entries)
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        health_watch.check_health(running.id)
        assert fresh(running).last_healthy_at == now()
    assert fresh(running).auto_destroy_at == before.auto_destroy_at
    assert len(stream.entries) == heard


def test_the_clock_stops_at_the_last_answer(running, engine):
    ends = running.auto_destroy_at
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        health_watch.check_health(running.id)
        answered = now()
    silence(engine, running)
    with time_machine.travel(answered + timedelta(seconds=20), tick=False):
        health_watch.check_health(running.id)
    row = fresh(running)
    assert (row.paused_at, int(row.paused_left)) == (
        answered,
        int((ends - answered).total_seconds()),
    )
    assert models.get(row.operation_id).type == OperationType.RESTART


def test_the_silence_is_credited_once_it_is_started_again(running, engine):
    ends = running.auto_destroy_at
    silence(engine, running)
    with time_machine.travel(running.ready_at + timedelta(minutes=7), tick=False):
        health_watch.check_health(running.id)
        row = run_until_idle(running)
    assert row.auto_destroy_at == ends + timedelta(minutes=7)
    assert (row.paused_at, row.paused_left, row.restarting) == (None, None, None)
    assert lines(running) == [("credited", "schedule", 7 * 60)]


def test_the_silence_is_credited_where_it_comes_back_by_itself(running, engine):
    ends = running.auto_destroy_at
    files = engine.running.pop(running.id)
    began = running.ready_at
    with time_machine.travel(began + timedelta(minutes=1), tick=False):
        health_watch.check_health(running.id)
    engine.running[running.id] = files
    with time_machine.travel(began + timedelta(minutes=3), tick=False):
        health_watch.check_health(running.id)
    row = fresh(running)
    assert row.auto_destroy_at == ends + timedelta(minutes=3)
    assert row.restarting is None
    # The restart that was queued meanwhile finds nothing to credit a second time.
    with time_machine.travel(began + timedelta(minutes=4), tick=False):
        row = run_until_idle(running)
    assert row.auto_destroy_at == ends + timedelta(minutes=3)
    assert lines(running) == [("credited", "schedule", 180)]


def test_a_silent_test_does_not_end_at_its_old_end(running, engine):
    silence(engine, running)
    with time_machine.travel(running.ready_at + timedelta(minutes=1), tick=False):
        health_watch.check_health(running.id)
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=1), tick=False):
        reconciler.run_due()
    assert fresh(running).status == "active"


def test_a_test_that_stays_silent_ends_one_day(running, engine):
    silence(engine, running)
    with time_machine.travel(running.ready_at + timedelta(minutes=1), tick=False):
        health_watch.check_health(running.id)
    with time_machine.travel(running.auto_destroy_at + timedelta(hours=4, minutes=1), tick=False):
        reconciler.run_due()
    assert (fresh(running).status, fresh(running).end_reason) == ("destroying", "workspace_lost")


def test_an_outage_of_the_machine_is_waited_for_from_when_it_is_over(running, engine):
    """However long it was: of tick and look, neither decides by being the quicker."""
    silence(engine, running)
    with time_machine.travel(running.ready_at + timedelta(hours=9), tick=False):
        reconciler.run_due()
        health_watch.check_health(running.id)
        reconciler.run_due()
        row = run_until_idle(running)
        assert (row.status, row.auto_destroy_at) == ("active", now() + timedelta(minutes=60))


def test_a_look_from_before_the_last_answer_stops_no_clock(running, engine):
    late = fresh(running)
    with time_machine.travel(running.ready_at + timedelta(minutes=10), tick=False):
        fresh(running).record_healthy()
        with pytest.raises(StaleWriteError):
            deadlines.pause(late)
    assert fresh(running).paused_at is None


def test_each_end_that_nobody_watched_waits_for_a_look_of_its_own(running, enqueued, monkeypatch):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=2), tick=False):
        reconciler.run_due()
        running.change_time(auto_destroy_at=now() + timedelta(minutes=30))
        monkeypatch.setattr(deadlines, "LOOK_WITHIN", 0.001)
    enqueued.clear()
    with time_machine.travel(fresh(running).auto_destroy_at + timedelta(minutes=2), tick=False):
        reconciler.run_due()
    assert enqueued == [("operations.look", running.id)]


def test_a_flag_that_was_left_is_taken_off_by_the_next_answer(running):
    running.change(restarting=True)
    health_watch.check_health(running.id)
    assert fresh(running).restarting is None


def test_an_end_that_nobody_watched_waits_for_a_look(running, engine, enqueued):
    """The platform was down through the end: was the workspace, too?"""
    silence(engine, running)
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        assert fresh(running).status == "active"
        assert ("operations.look", running.id) in enqueued
        health_watch.check_health(running.id)
        row = run_until_idle(running)
        assert row.auto_destroy_at == now() + timedelta(minutes=60)
        reconciler.run_due()
    assert fresh(running).status == "active"


def test_an_end_that_nobody_watched_comes_once_it_was_seen_to_answer(running):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        health_watch.check_health(running.id)
        reconciler.run_due()
    assert fresh(running).status == "destroying"


def test_an_end_that_nobody_can_look_at_comes_after_a_minute(running, monkeypatch):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        monkeypatch.setattr(deadlines, "LOOK_WITHIN", 0.0)
        reconciler.run_due()
    assert fresh(running).status == "destroying"


def test_more_time_in_the_moment_of_the_end_wins(running, monkeypatch):
    late = fresh(running)
    late.record_healthy()
    with time_machine.travel(running.auto_destroy_at + timedelta(seconds=1), tick=False):
        fresh(running).record_healthy()
        late = fresh(running)
        fresh(running).change_time(auto_destroy_at=now() + timedelta(minutes=5))
        deadlines.end_overdue(late)
    assert fresh(running).status == "active"


def test_what_was_begun_before_the_time_changed_is_done_again(take_home, engine):
    """Staff gives time while the workspace is provisioned: the whole of it is there."""
    from operations import actions

    operation_id = actions.activate(take_home, by="candidate")
    provision = engine.provision

    def slow(spec, log):
        if len(engine.provisioned) == 0:
            actions.extend(fresh(take_home), 15, by="recruiter")
        return provision(spec, log)

    engine.provision = slow
    runner.run_operation(operation_id)
    row = run_until_idle(take_home)
    assert row.status == "active"
    assert row.auto_destroy_at - row.ready_at == timedelta(minutes=75)
