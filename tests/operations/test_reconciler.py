"""What happens without a click."""

from datetime import timedelta

import pytest
from pynamodb.exceptions import QueryError

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import (
    actions,
    deadlines,
    health_watch,
    models,
    reconciler,
)
from operations.models import DISPATCH_AGAIN_AFTER, Operation, OperationStatus
from operations.worker import provision, runner
from tests.conftest import fresh, make_due, operation_of, run_until_idle
from tests.fakes import Blind, Broken, NeverReady


def overdue(operation):
    """As if nobody had looked at the operation for a while."""
    past = now() - timedelta(seconds=1)
    actions_ = [Operation.due_at.set(past)]
    if models.get(operation.id).lease_owner:
        actions_.append(Operation.lease_until.set(past))
    operation.update(actions=actions_)


@pytest.fixture
def schedule_live(request):
    """The fixture `schedule`, whose name is the module's here."""
    return request.getfixturevalue("schedule")


def test_tick_does_nothing_when_nothing_is_due(running, invite, enqueued):
    invite()
    enqueued.clear()
    reconciler.run_due()
    assert enqueued == []
    assert fresh(running).state is Status.ACTIVE


def test_an_invitation_that_lapsed_unused_expires(take_home, stream):
    make_due(take_home)
    reconciler.run_due()
    row = fresh(take_home)
    assert (row.state, row.list_key) == (Status.EXPIRED, "take-home-ended")
    assert stream.said("interview")[-1]["status"] == "expired"


def test_fault_05_expiry_touches_only_what_never_started(running, engine):
    running.change(valid_until=now() - timedelta(days=1))
    reconciler.run_due()
    actions.expire(fresh(running))
    assert fresh(running).state is Status.ACTIVE
    assert running.id in engine.running


def test_time_up_ends_a_running_test_with_its_files_saved(running, engine):
    make_due(running)
    reconciler.run_due()
    assert fresh(running).state is Status.DESTROYING
    row = run_until_idle(running)
    assert (row.state, row.end_reason) == (Status.COMPLETED, "time_up")
    assert row.history_s3_key
    assert engine.running == {}


def test_a_test_that_never_became_ready_is_closed_one_day(take_home, use_engine):
    use_engine(Broken())
    actions.activate(take_home, by="candidate")
    runner.run_operation(operation_of(take_home).id)
    make_due(take_home)
    reconciler.run_due()
    row = run_until_idle(take_home)
    assert (row.state, row.end_reason) == (Status.COMPLETED, "never_ready")


@pytest.mark.parametrize("worked_on", [False, True])
def test_one_that_was_being_started_when_the_platform_went_away_can_be_tried_again(
    take_home, engine, worked_on
):
    first = actions.activate(take_home, by="candidate")
    if worked_on:
        overdue_token = operation_of(take_home).claim()
        operation_of(take_home).begin(overdue_token, "provision")
        overdue(operation_of(take_home))
    make_due(take_home)
    reconciler.run_due()
    row = fresh(take_home)
    assert (row.state, row.problem) == (Status.ERROR, deadlines.NOT_STARTED)
    assert row.failed_step == ("provision" if worked_on else None)
    assert row.auto_destroy_at > now() + timedelta(hours=23)
    assert models.get(first).status == OperationStatus.CANCELLED
    # What was rung for before the outage finds itself void.
    runner.run_operation(first)
    assert (fresh(take_home).state, engine.running) == (Status.ERROR, {})
    actions.retry(fresh(take_home), by="candidate")
    row = run_until_idle(take_home)
    assert (row.state, row.problem) == (Status.ACTIVE, None)
    assert row.auto_destroy_at - row.ready_at == row.length


def test_a_live_interview_that_was_being_started_then_can_be_tried_again_too(schedule_live, engine):
    interview = schedule_live(scheduled_at=now() + timedelta(minutes=2))
    actions.activate(interview, by="schedule")
    make_due(interview)
    reconciler.run_due()
    assert fresh(interview).state is Status.ERROR
    reconciler.run_due()
    actions.retry(fresh(interview), by="recruiter")
    assert run_until_idle(interview).state is Status.ACTIVE


def test_one_that_became_ready_in_this_moment_goes_on(take_home, engine):
    actions.activate(take_home, by="candidate")
    stale = make_due(take_home)
    fresh(take_home).change(auto_destroy_at=now() + timedelta(hours=1))
    run_until_idle(take_home)
    deadlines.end_overdue(stale)
    assert fresh(take_home).state is Status.ACTIVE


def test_fault_08_one_item_that_fails_keeps_no_other_waiting(invite, monkeypatch, caplog):
    first, second = make_due(invite()), make_due(invite())
    expire = actions.expire

    def fails_for_the_first(interview):
        if interview.id == first.id:
            raise RuntimeError("a bad row")
        expire(interview)

    monkeypatch.setattr(actions, "expire", fails_for_the_first)
    reconciler.run_due()
    assert fresh(first).state is Status.AVAILABLE
    assert fresh(second).state is Status.EXPIRED


def test_a_bell_that_nobody_heard_is_rung_again_once_per_pause(take_home, engine, enqueued):
    actions.activate(take_home, by="candidate")
    overdue(operation_of(take_home))
    enqueued.clear()
    reconciler.run_due()
    reconciler.run_due()
    assert enqueued == [("operations.run", operation_of(take_home).id)]
    assert operation_of(take_home).due_at > now() + DISPATCH_AGAIN_AFTER / 2


def test_fault_07_an_operation_whose_worker_died_is_taken_over(take_home, engine, enqueued):
    actions.activate(take_home, by="candidate")
    dead = operation_of(take_home)
    dead.claim()
    enqueued.clear()
    reconciler.run_due()
    assert enqueued == []
    overdue(dead)
    reconciler.run_due()
    assert enqueued == [("operations.run", dead.id)]
    assert run_until_idle(take_home).state is Status.ACTIVE


def test_fault_07_a_failed_teardown_is_tried_again_until_it_is_done(running, engine, enqueued):
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    operation = operation_of(running)
    token = operation.claim()
    operation.requeue(token, until=now() - timedelta(seconds=1), error="No engine.")
    enqueued.clear()
    reconciler.run_due()
    assert enqueued == [("operations.run", operation.id)]
    assert run_until_idle(running).state is Status.COMPLETED


def test_watch_asks_for_a_look_at_each_running_workspace(running, invite, enqueued):
    invite()
    enqueued.clear()
    health_watch.check_all()
    assert enqueued == [("operations.look", running.id)]


def test_look_leaves_a_workspace_that_answers_alone(running, engine):
    health_watch.check_health(running.id)
    assert operation_of(running).type == "create"
    assert engine.provisioned == [running.id]


def test_look_starts_a_silent_workspace_again(running, engine, stream):
    del engine.running[running.id]
    health_watch.check_health(running.id)
    assert operation_of(running).type == "restart"
    assert fresh(running).restarting is True
    row = run_until_idle(running)
    assert row.state is Status.ACTIVE
    assert row.restarting is None
    assert len(stream.said("interview")) >= 2
    assert engine.passwords == {row.id: running.password}
    assert list(engine.running) == [row.id]
    assert operation_of(row).status == OperationStatus.COMPLETED


def test_look_starts_it_again_as_often_as_it_dies(running, engine):
    for number in range(3):
        del engine.running[running.id]
        health_watch.check_health(running.id)
        run_until_idle(running)
        assert list(engine.running) == [running.id]
        assert [o.type for o in models.of_interview(running.id)].count("restart") == number + 1


def test_look_twice_starts_it_again_once(running, engine, enqueued):
    del engine.running[running.id]
    health_watch.check_health(running.id)
    health_watch.check_health(running.id)
    assert [o.type for o in models.of_interview(running.id)].count("restart") == 1


def test_a_restart_that_fails_keeps_the_test_running_and_is_tried_again_later(
    running, use_engine, monkeypatch
):
    monkeypatch.setattr(provision, "READY_WITHIN", timedelta(seconds=0.3))
    use_engine(NeverReady())
    health_watch.check_health(running.id)
    first = operation_of(running)
    runner.run_operation(first.id)
    assert fresh(running).state is Status.ACTIVE
    assert fresh(running).restarting is True
    assert operation_of(running).status == OperationStatus.FAILED
    health_watch.check_health(running.id)
    assert operation_of(running).id == first.id
    first = operation_of(running)
    first.update(actions=[Operation.finished_at.set(now() - timedelta(minutes=2))])
    health_watch.check_health(running.id)
    assert operation_of(running).id != first.id


def test_fault_14_could_not_look_is_not_taken_for_not_there(running, use_engine):
    use_engine(Blind())
    health_watch.check_health(running.id)
    assert operation_of(running).type == "create"


def test_look_at_what_is_not_running_does_nothing(take_home, engine):
    health_watch.check_health(take_home.id)
    health_watch.check_health("takehome-nobody")
    assert fresh(take_home).operation_id is None


def test_fault_08_a_row_that_cannot_be_read_hides_no_other(invite, running):
    bad = make_due(invite())
    make_due(running)
    client = Interview._get_connection().connection.client
    client.update_item(
        TableName="interviews",
        Key={"id": {"S": bad.id}},
        UpdateExpression="SET durationMinutes = :words",
        ExpressionAttributeValues={":words": {"S": "sixty"}},
    )
    reconciler.run_due()
    assert fresh(running).state is Status.DESTROYING


def test_an_index_that_is_late_makes_nothing_happen(running, take_home, monkeypatch, enqueued):
    enqueued.clear()
    monkeypatch.setattr(queries, "due_ids", lambda status, at: iter([running.id, "takehome-gone"]))
    monkeypatch.setattr(queries, "ids_with_status", lambda status: iter([running.id]))
    monkeypatch.setattr(models, "due", lambda state, at: iter([running.operation_id]))
    reconciler.run_due()
    assert fresh(running).state is Status.ACTIVE
    assert enqueued == []
    health_watch.check_all()
    assert fresh(running).operation_id == running.operation_id
    assert enqueued == [("operations.look", running.id)]


def test_watch_mends_a_row_whose_operation_is_gone(running, engine):
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    operation_of(running).delete()
    health_watch.check_all()
    assert operation_of(running).type == "destroy"
    assert run_until_idle(running).state is Status.COMPLETED


def test_a_table_that_is_away_for_one_question_keeps_no_other_waiting(running, monkeypatch):
    make_due(running)
    whole = queries.due_ids

    def fails_for_invitations(status, at):
        if status is Status.AVAILABLE:
            raise QueryError("throttled")
        return whole(status, at)

    monkeypatch.setattr(queries, "due_ids", fails_for_invitations)
    reconciler.run_due()
    assert fresh(running).state is Status.DESTROYING
