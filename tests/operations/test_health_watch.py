"""Health checks of running workspaces, and the repair of interviews."""

from datetime import timedelta

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from operations import actions, deadlines, health_watch, models
from operations.lifecycle import OperationStatus
from operations.models import Operation
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import Blind, FakeProvisioner, NeverReady
from tests.faults.engines import FailsAtCall


def test_check_all_dispatches_a_check_of_each_running_workspace(running, invite, enqueued):
    invite()
    enqueued.clear()
    health_watch.check_all()
    assert enqueued == [("operations.look", running.id)]


def test_check_leaves_a_healthy_workspace_alone(running, engine):
    health_watch.check_health(running.id)
    assert operation_of(running).type == "create"
    assert engine.provisioned == [running.id]


def test_more_time_reaches_the_workspace_by_the_next_check(running, engine, enqueued):
    enqueued.clear()
    actions.extend(running, 30, by="recruiter")
    assert enqueued == [("operations.look", running.id)]
    health_watch.check_health(running.id)
    assert engine.stops_at[running.id] == fresh(running).auto_destroy_at
    assert fresh(running).auto_destroy_at == running.ready_at + timedelta(minutes=90)


def test_more_time_before_the_start_is_no_matter_of_the_workspace(take_home, enqueued):
    enqueued.clear()
    actions.extend(take_home, 30, by="recruiter")
    assert enqueued == []


def test_time_of_an_outage_reaches_the_workspace_when_it_answers_again(running, engine):
    deadlines.pause(running)
    # As if the outage had begun a while ago.
    running.change(paused_at=running.paused_at - timedelta(minutes=10))
    health_watch.check_health(running.id)
    resumed = fresh(running)
    assert resumed.paused_at is None
    assert engine.stops_at[running.id] == resumed.auto_destroy_at


def test_deadline_that_the_engine_does_not_take_is_passed_on_by_the_next_check(running, use_engine):
    engine = FailsAtCall("set_deadline")
    engine.running = {running.id: {}}
    use_engine(engine)
    health_watch.check_health(running.id)
    assert (engine.stops_at, fresh(running).paused_at) == ({}, None)
    health_watch.check_health(running.id)
    assert engine.stops_at == {running.id: running.auto_destroy_at}


def test_check_restarts_a_workspace_that_does_not_answer(running, engine, stream):
    del engine.running[running.id]
    health_watch.check_health(running.id)
    assert operation_of(running).type == "restart"
    assert fresh(running).restarting is True
    row = run_until_idle(running)
    assert row.state is Status.ACTIVE
    assert row.restarting is None
    assert len(stream.events_named("interview")) >= 2
    assert engine.passwords == {row.id: running.password}
    assert list(engine.running) == [row.id]
    assert operation_of(row).status == OperationStatus.COMPLETED


def test_check_restarts_a_workspace_each_time_it_dies(running, engine):
    for number in range(3):
        del engine.running[running.id]
        health_watch.check_health(running.id)
        run_until_idle(running)
        assert list(engine.running) == [running.id]
        assert [o.type for o in models.list_operations(running.id)].count("restart") == number + 1


def test_two_checks_queue_one_restart(running, engine, enqueued):
    del engine.running[running.id]
    health_watch.check_health(running.id)
    health_watch.check_health(running.id)
    assert [o.type for o in models.list_operations(running.id)].count("restart") == 1


def test_failed_restart_keeps_the_test_running_and_is_retried_later(
    running, use_engine, monkeypatch
):
    monkeypatch.setattr(FakeProvisioner, "patience", timedelta(0))
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


def test_check_of_a_test_that_is_not_running_does_nothing(take_home, engine):
    health_watch.check_health(take_home.id)
    health_watch.check_health("takehome-nobody")
    assert fresh(take_home).operation_id is None


def test_check_all_repairs_a_row_without_an_operation(running, engine):
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    operation_of(running).delete()
    health_watch.check_all()
    assert operation_of(running).type == "destroy"
    assert run_until_idle(running).state is Status.COMPLETED


def test_pages_learn_that_an_editor_refuses_every_sign_in(running, engine, stream):
    running.change(workspace_state={"made": True, "sign_in": "form"})
    engine.refuses_sign_in = True
    health_watch.check_health(running.id)
    assert fresh(running).workspace_state == {
        "made": True,
        "sign_in": "form",
        "sign_in_refused": True,
    }
    told = len(stream.events_named("interview"))
    health_watch.check_health(running.id)
    assert len(stream.events_named("interview")) == told
    engine.refuses_sign_in = False
    health_watch.check_health(running.id)
    assert fresh(running).workspace_state == {"made": True, "sign_in": "form"}
    assert len(stream.events_named("interview")) == told + 1


def test_workspace_without_a_form_is_not_asked_about_sign_ins(running, engine):
    engine.refuses_sign_in = True
    health_watch.check_health(running.id)
    assert fresh(running).workspace_state == {"made": True}
