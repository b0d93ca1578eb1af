"""The reconciler processes every item that is due."""

from datetime import timedelta

import pytest
from pynamodb.exceptions import QueryError

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions, deadlines, health_watch, models, reconciler
from operations.lifecycle import OperationStatus
from operations.models import DISPATCH_AGAIN_AFTER, Operation
from operations.worker import runner
from tests.conftest import fresh, make_due, operation_of, run_until_idle
from tests.fakes import Broken


def make_overdue(operation):
    """Make the operation due, as if it had not been dispatched for a while."""
    past = now() - timedelta(seconds=1)
    actions_ = [Operation.due_at.set(past)]
    if models.get_operation(operation.id).lease_owner:
        actions_.append(Operation.lease_until.set(past))
    operation.update(actions=actions_)


@pytest.fixture
def schedule_live(request):
    """The fixture `schedule`, under a name that no module has."""
    return request.getfixturevalue("schedule")


def test_tick_does_nothing_when_nothing_is_due(running, invite, enqueued):
    invite()
    enqueued.clear()
    reconciler.run_due()
    assert enqueued == []
    assert fresh(running).state is Status.ACTIVE


def test_unused_invitation_expires(take_home, stream):
    make_due(take_home)
    reconciler.run_due()
    row = fresh(take_home)
    assert (row.state, row.list_key) == (Status.EXPIRED, "take-home-ended")
    assert stream.events_named("interview")[-1]["status"] == "expired"


def test_fault_05_expiry_touches_only_what_never_started(running, engine):
    running.change(valid_until=now() - timedelta(days=1))
    reconciler.run_due()
    actions.expire(fresh(running))
    assert fresh(running).state is Status.ACTIVE
    assert running.id in engine.running


def test_running_test_ends_with_its_files_saved_when_its_time_is_up(running, engine):
    make_due(running)
    reconciler.run_due()
    assert fresh(running).state is Status.DESTROYING
    row = run_until_idle(running)
    assert (row.state, row.end_reason) == (Status.COMPLETED, "time_up")
    assert row.history_s3_key
    assert engine.running == {}


def test_test_that_was_never_ready_ends(take_home, use_engine):
    use_engine(Broken())
    actions.activate(take_home, by="candidate")
    runner.run_operation(operation_of(take_home).id)
    make_due(take_home)
    reconciler.run_due()
    row = run_until_idle(take_home)
    assert (row.state, row.end_reason) == (Status.COMPLETED, "never_ready")


@pytest.mark.parametrize("worked_on", [False, True])
def test_start_interrupted_by_an_outage_can_be_retried(take_home, engine, worked_on):
    first = actions.activate(take_home, by="candidate")
    if worked_on:
        overdue_token = operation_of(take_home).claim()
        operation_of(take_home).begin_step(overdue_token, "provision")
        make_overdue(operation_of(take_home))
    make_due(take_home)
    reconciler.run_due()
    row = fresh(take_home)
    assert (row.state, row.problem) == (Status.ERROR, deadlines.NOT_READY_IN_TIME)
    assert row.failed_step == ("provision" if worked_on else None)
    assert row.timeline[-1].by == "schedule"
    assert row.auto_destroy_at > now() + timedelta(hours=23)
    assert models.get_operation(first).status == OperationStatus.CANCELLED
    # The operation that was dispatched before the outage is cancelled.
    runner.run_operation(first)
    assert (fresh(take_home).state, engine.running) == (Status.ERROR, {})
    actions.retry(fresh(take_home), by="candidate")
    row = run_until_idle(take_home)
    assert (row.state, row.problem) == (Status.ACTIVE, None)
    assert row.auto_destroy_at - row.ready_at == row.length


def test_live_start_interrupted_by_an_outage_can_be_retried(schedule_live, engine):
    interview = schedule_live(scheduled_at=now() + timedelta(minutes=2))
    actions.activate(interview, by="schedule")
    make_due(interview)
    reconciler.run_due()
    assert fresh(interview).state is Status.ERROR
    reconciler.run_due()
    actions.retry(fresh(interview), by="recruiter")
    assert run_until_idle(interview).state is Status.ACTIVE


def test_test_that_becomes_ready_at_the_same_time_continues(take_home, engine):
    actions.activate(take_home, by="candidate")
    stale = make_due(take_home)
    fresh(take_home).change(auto_destroy_at=now() + timedelta(hours=1))
    run_until_idle(take_home)
    deadlines.end_overdue(stale)
    assert fresh(take_home).state is Status.ACTIVE


def test_start_that_moves_on_meanwhile_is_still_over(take_home, engine):
    actions.activate(take_home, by="candidate")
    stale = make_due(take_home)
    fresh(take_home).move_to(Status.INITIALIZING, by="worker")
    deadlines.end_overdue(stale)
    assert fresh(take_home).state is Status.ERROR


def test_start_whose_operation_is_gone_can_be_retried(take_home, engine):
    actions.activate(take_home, by="candidate")
    operation_of(take_home).delete()
    deadlines.end_overdue(make_due(take_home))
    assert (fresh(take_home).state, fresh(take_home).failed_step) == (Status.ERROR, None)


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


def test_lost_message_is_dispatched_again_once_per_interval(take_home, engine, enqueued):
    actions.activate(take_home, by="candidate")
    make_overdue(operation_of(take_home))
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
    make_overdue(dead)
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


def test_late_index_causes_no_action(running, take_home, monkeypatch, enqueued):
    enqueued.clear()
    monkeypatch.setattr(queries, "due_ids", lambda status, at: iter([running.id, "takehome-gone"]))
    monkeypatch.setattr(queries, "ids_with_status", lambda status: iter([running.id]))
    monkeypatch.setattr(models, "due_operation_ids", lambda state, at: iter([running.operation_id]))
    reconciler.run_due()
    assert fresh(running).state is Status.ACTIVE
    assert enqueued == []
    health_watch.check_all()
    assert fresh(running).operation_id == running.operation_id
    assert enqueued == [("operations.look", running.id)]


def test_failed_query_does_not_block_the_others(running, monkeypatch):
    make_due(running)
    original = queries.due_ids

    def fails_for_invitations(status, at):
        if status is Status.AVAILABLE:
            raise QueryError("throttled")
        return original(status, at)

    monkeypatch.setattr(queries, "due_ids", fails_for_invitations)
    reconciler.run_due()
    assert fresh(running).state is Status.DESTROYING
