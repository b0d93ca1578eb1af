"""The candidate's clock is paused during an outage of the workspace, and credited afterwards."""

from datetime import timedelta

import pytest
import time_machine

from interviews.dynamodb import now
from interviews.models import Interview, StaleWriteError
from operations import deadlines, health_watch, models, reconciler
from operations.lifecycle import OperationType
from operations.worker import runner
from tests.conftest import fresh, run_until_idle
from tests.fakes import FakeProvisioner


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """The second check comes without a delay."""
    monkeypatch.setattr("operations.worker.handler.shutdown_requested.wait", lambda seconds: False)


@pytest.fixture(autouse=True)
def forget_health_check_waits():
    deadlines._health_check_waits.clear()


def stop_answering(engine: FakeProvisioner, interview: Interview) -> None:
    engine.running.pop(interview.id)


def time_changes(interview: Interview) -> list[tuple[str, str, int]]:
    """The entries of the timeline that are no status changes."""
    return [
        (moment.what, moment.by, int(moment.seconds))
        for moment in fresh(interview).timeline
        if moment.what
    ]


def test_healthy_workspace_is_recorded_without_an_event(running, stream):
    before = fresh(running)
    heard = len(stream.entries)
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        health_watch.check_health(running.id)
        assert fresh(running).last_healthy_at == now()
    assert fresh(running).auto_destroy_at == before.auto_destroy_at
    assert len(stream.entries) == heard


def test_clock_is_paused_at_the_last_answer(running, engine):
    ends = running.auto_destroy_at
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        health_watch.check_health(running.id)
        answered = now()
    stop_answering(engine, running)
    with time_machine.travel(answered + timedelta(seconds=20), tick=False):
        health_watch.check_health(running.id)
    row = fresh(running)
    assert (row.paused_at, int(row.paused_left)) == (
        answered,
        int((ends - answered).total_seconds()),
    )
    assert models.get_operation(row.operation_id).type == OperationType.RESTART


def test_outage_is_credited_after_a_restart(running, engine):
    ends = running.auto_destroy_at
    stop_answering(engine, running)
    with time_machine.travel(running.ready_at + timedelta(minutes=7), tick=False):
        health_watch.check_health(running.id)
        row = run_until_idle(running)
    assert row.auto_destroy_at == ends + timedelta(minutes=7)
    assert (row.paused_at, row.paused_left, row.restarting) == (None, None, None)
    assert time_changes(running) == [("credited", "schedule", 7 * 60)]


def test_outage_is_credited_if_the_workspace_recovers_by_itself(running, engine):
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
    # The restart that was queued meanwhile credits nothing again.
    with time_machine.travel(began + timedelta(minutes=4), tick=False):
        row = run_until_idle(running)
    assert row.auto_destroy_at == ends + timedelta(minutes=3)
    assert time_changes(running) == [("credited", "schedule", 180)]


def test_paused_test_does_not_end_at_its_old_end(running, engine):
    stop_answering(engine, running)
    with time_machine.travel(running.ready_at + timedelta(minutes=1), tick=False):
        health_watch.check_health(running.id)
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=1), tick=False):
        reconciler.run_due()
    assert fresh(running).status == "active"


def test_test_that_stays_down_ends_after_the_longest_pause(running, engine):
    stop_answering(engine, running)
    with time_machine.travel(running.ready_at + timedelta(minutes=1), tick=False):
        health_watch.check_health(running.id)
    with time_machine.travel(running.auto_destroy_at + timedelta(hours=4, minutes=1), tick=False):
        reconciler.run_due()
    assert (fresh(running).status, fresh(running).end_reason) == ("destroying", "workspace_lost")


def test_longest_pause_counts_from_the_end_of_a_machine_outage(running, engine):
    """The result is the same whether the tick or the health check comes first."""
    stop_answering(engine, running)
    with time_machine.travel(running.ready_at + timedelta(hours=9), tick=False):
        reconciler.run_due()
        health_watch.check_health(running.id)
        reconciler.run_due()
        row = run_until_idle(running)
        assert (row.status, row.auto_destroy_at) == ("active", now() + timedelta(minutes=60))


def test_stale_health_check_does_not_pause_the_clock(running, engine):
    late = fresh(running)
    with time_machine.travel(running.ready_at + timedelta(minutes=10), tick=False):
        fresh(running).record_healthy()
        with pytest.raises(StaleWriteError):
            deadlines.pause(late)
    assert fresh(running).paused_at is None


def test_each_unwatched_end_waits_for_its_own_health_check(running, enqueued, monkeypatch):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=2), tick=False):
        reconciler.run_due()
        running.change_time(auto_destroy_at=now() + timedelta(minutes=30))
        monkeypatch.setattr(deadlines, "HEALTH_CHECK_WAIT", 0.001)
    enqueued.clear()
    with time_machine.travel(fresh(running).auto_destroy_at + timedelta(minutes=2), tick=False):
        reconciler.run_due()
    assert enqueued == [("operations.look", running.id)]


def test_leftover_restart_flag_is_cleared_by_the_next_answer(running):
    running.change(restarting=True)
    health_watch.check_health(running.id)
    assert fresh(running).restarting is None


def test_unwatched_end_waits_for_a_health_check(running, engine, enqueued):
    """The platform was down at the end, so the workspace may have been down, too."""
    stop_answering(engine, running)
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        assert fresh(running).status == "active"
        assert ("operations.look", running.id) in enqueued
        health_watch.check_health(running.id)
        row = run_until_idle(running)
        assert row.auto_destroy_at == now() + timedelta(minutes=60)
        reconciler.run_due()
    assert fresh(running).status == "active"


def test_unwatched_end_comes_after_a_healthy_check(running):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        health_watch.check_health(running.id)
        reconciler.run_due()
    assert fresh(running).status == "destroying"


def test_unwatched_end_comes_after_a_minute_without_a_check(running, monkeypatch):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        monkeypatch.setattr(deadlines, "HEALTH_CHECK_WAIT", 0.0)
        reconciler.run_due()
    assert fresh(running).status == "destroying"


def test_extension_at_the_same_time_as_the_end_wins(running, monkeypatch):
    late = fresh(running)
    late.record_healthy()
    with time_machine.travel(running.auto_destroy_at + timedelta(seconds=1), tick=False):
        fresh(running).record_healthy()
        late = fresh(running)
        fresh(running).change_time(auto_destroy_at=now() + timedelta(minutes=5))
        deadlines.end_overdue(late)
    assert fresh(running).status == "active"


def test_extension_while_provisioning_counts(take_home, engine):
    """Staff extend a test while its workspace is provisioned."""
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
