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

pytestmark = pytest.mark.usefixtures("immediate_health_checks")


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


def test_answers_are_recorded_from_the_first_and_every_15_seconds(running):
    running.change(last_healthy_at=None)
    first = now()
    for seconds, recorded in [(0, 0), (14, 0), (15, 15), (29, 15), (30, 30)]:
        with time_machine.travel(first + timedelta(seconds=seconds), tick=False):
            deadlines.record_healthy(fresh(running))
        assert fresh(running).last_healthy_at == first + timedelta(seconds=recorded)


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
    fresh(running).change(failed_step="configure", problem="No room.")
    with time_machine.travel(began + timedelta(minutes=3), tick=False):
        health_watch.check_health(running.id)
    row = fresh(running)
    assert row.auto_destroy_at == ends + timedelta(minutes=3)
    assert (row.restarting, row.failed_step, row.problem) == (None, None, None)
    assert (row.paused_at, row.paused_left, row.pause_ends_at) == (None, None, None)
    assert row.last_healthy_at == began + timedelta(minutes=3)
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


def test_longest_pause_counts_from_its_first_check(running, engine):
    stop_answering(engine, running)
    began = running.ready_at + timedelta(minutes=1)
    for minutes in (0, 1):
        with time_machine.travel(began + timedelta(minutes=minutes), tick=False):
            health_watch.check_health(running.id)
        assert fresh(running).pause_ends_at == began + deadlines.MAX_PAUSE


def test_clock_without_an_answer_is_paused_when_the_workspace_was_ready(running):
    running.change(last_healthy_at=None)
    deadlines.pause(fresh(running))
    assert fresh(running).paused_at == running.ready_at


def test_clock_is_paused_from_the_same_second_but_not_at_its_end(running):
    with time_machine.travel(running.auto_destroy_at, tick=False) as clock:
        fresh(running).record_healthy()
        deadlines.pause(fresh(running))
        assert fresh(running).paused_at is None
        clock.shift(-1)
        fresh(running).record_healthy()
        deadlines.pause(fresh(running))
        assert (fresh(running).paused_at, fresh(running).paused_left) == (now(), 1)


def test_reopened_interview_is_paused_whenever_it_was_planned_for(running):
    running.change_time(reopened=1, scheduled_at=now() + timedelta(minutes=30))
    deadlines.pause(fresh(running))
    assert fresh(running).paused_at == fresh(running).last_healthy_at


@pytest.mark.parametrize("missing", [["auto_destroy_at"], ["last_healthy_at", "ready_at"]])
def test_clock_of_an_incomplete_row_is_not_paused(running, missing):
    running.change_time(**dict.fromkeys(missing))
    deadlines.pause(fresh(running))
    assert fresh(running).paused_at is None


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


def test_leftovers_of_a_restart_are_cleared_by_the_next_answer(running):
    running.change(restarting=True, failed_step="configure", problem="No room.")
    answered = running.ready_at + timedelta(minutes=1)
    with time_machine.travel(answered, tick=False):
        health_watch.check_health(running.id)
    row = fresh(running)
    assert (row.restarting, row.failed_step, row.problem) == (None, None, None)
    assert row.last_healthy_at == answered


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
