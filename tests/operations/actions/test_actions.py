"""The actions on take-homes, in every status, and repeated."""

import pytest

from interviews.lifecycle import FINAL, EndReason, Status
from interviews.schemas.invitations import TakeHomeInvitation
from operations import actions, models
from operations.lifecycle import OperationStatus
from operations.queue import enqueue
from operations.worker import runner
from tests.conftest import fresh, make_due, operation_of, run_until_idle
from tests.fakes import BlocksProvision, Broken, CannotSave


def in_status(status, take_home, use_engine):
    """Bring a take-home into a status by the usual actions."""
    from tests.fakes import FakeProvisioner

    engine = use_engine(FakeProvisioner())
    if status is Status.AVAILABLE:
        return take_home
    if status is Status.EXPIRED:
        actions.expire(make_due(take_home))
        return fresh(take_home)
    if status is Status.REVOKED:
        actions.revoke(take_home, by="recruiter")
        return fresh(take_home)
    if status is Status.ERROR:
        engine = use_engine(Broken())
    operation_id = actions.activate(take_home, by="candidate")
    if status is Status.ACTIVATED:
        return take_home
    if status in (Status.INITIALIZING, Status.CONFIGURING):
        take_home.move_to(Status.INITIALIZING, by="worker")
        if status is Status.CONFIGURING:
            engine.running[take_home.id] = {}
            take_home.move_to(Status.CONFIGURING, by="worker")
        return take_home
    runner.run_operation(operation_id)
    interview = fresh(take_home)
    if status in (Status.DESTROYING, Status.COMPLETED):
        actions.end(interview, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    if status is Status.COMPLETED:
        run_until_idle(interview)
    return fresh(interview)


TAKE_HOME_STATUSES = sorted(set(Status) - {Status.SCHEDULED, Status.CANCELLED})


def test_invite_creates_an_available_take_home(take_home, stream):
    row = fresh(take_home)
    assert row.id.startswith("takehome-")
    assert (row.type, row.state, row.candidate_name) == ("take-home", Status.AVAILABLE, "Ada")
    assert (row.created_by, row.operation_id, row.password) == ("recruiter", None, None)
    assert (row.valid_until - row.created_at).days == 7
    assert row.passcode not in stream.text


def test_invite_rejects_an_unknown_challenge(challenge):
    with pytest.raises(actions.InvalidInputError) as raised:
        actions.invite(TakeHomeInvitation(candidate_name="Ada", challenge="nothing"), by="x")
    assert raised.value.field == "challenge"


def test_activate_queues_one_operation_and_dispatches_its_id_alone(take_home, engine, enqueued):
    operation_id = actions.activate(take_home, by="candidate")
    row = fresh(take_home)
    assert (row.state, row.operation_id, row.attempts) == (Status.ACTIVATED, operation_id, 1)
    assert enqueued == [("operations.run", operation_id)]
    assert row.auto_destroy_at - row.activated_at == enqueue.PROVISIONING_ALLOWANCE * 4
    assert row.due_at == row.auto_destroy_at


def test_activate_twice_returns_the_same_operation(take_home, engine, enqueued):
    stale = fresh(take_home)
    first = actions.activate(take_home, by="candidate")
    assert actions.activate(take_home, by="candidate") == first
    assert actions.activate(stale, by="candidate") == first
    assert len(models.list_operations(take_home.id)) == 1
    assert enqueued == [("operations.run", first)]


@pytest.mark.parametrize(
    "status", sorted({Status.ACTIVE, Status.DESTROYING, Status.ERROR} | FINAL - {Status.CANCELLED})
)
def test_activate_rejects_other_statuses(status, take_home, use_engine):
    interview = in_status(status, take_home, use_engine)
    with pytest.raises(actions.WrongStateError):
        actions.activate(interview, by="candidate")
    assert fresh(interview).state is status


def test_activate_rejects_an_expired_invitation_before_the_reconciler_runs(take_home, engine):
    with pytest.raises(actions.WrongStateError, match="expired"):
        actions.activate(make_due(take_home), by="candidate")
    assert fresh(take_home).state is Status.EXPIRED
    assert engine.provisioned == []


@pytest.mark.parametrize("status", TAKE_HOME_STATUSES)
def test_fault_06_revoke_works_from_every_open_state_and_tears_down(status, take_home, use_engine):
    interview = in_status(status, take_home, use_engine)
    from operations.provisioners import get_provisioner

    engine = get_provisioner("fake")
    if status is Status.REVOKED:
        assert actions.revoke(interview, by="recruiter") is None
        return
    if status in FINAL:
        with pytest.raises(actions.WrongStateError):
            actions.revoke(interview, by="recruiter")
        assert fresh(interview).state is status
        return
    if status is Status.DESTROYING:
        # An end that has begun for another reason keeps that reason.
        with pytest.raises(actions.WrongStateError, match="Status: Saving"):
            actions.revoke(interview, by="recruiter")
        assert run_until_idle(interview).state is Status.COMPLETED
        return
    operation_id = actions.revoke(interview, by="recruiter")
    if status is Status.AVAILABLE:
        assert operation_id is None
        assert fresh(interview).state is Status.REVOKED
        return
    assert operation_of(interview).id == operation_id
    row = run_until_idle(interview)
    assert row.state is Status.REVOKED
    assert engine.running == {}
    assert engine.destroyed[-1] == interview.id
    assert (row.password, row.access_url) == (None, None)


@pytest.mark.parametrize("status", TAKE_HOME_STATUSES)
def test_end_works_in_every_status_that_may_have_a_workspace(status, take_home, use_engine):
    interview = in_status(status, take_home, use_engine)
    allowed = {
        Status.ACTIVATED,
        Status.INITIALIZING,
        Status.CONFIGURING,
        Status.ACTIVE,
        Status.ERROR,
        Status.DESTROYING,
        Status.COMPLETED,  # a repeated call returns the first result
    }
    if status not in allowed:
        with pytest.raises(actions.WrongStateError):
            actions.end(interview, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
        assert fresh(interview).state is status
        return
    first = actions.end(interview, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    assert actions.end(fresh(interview), by="recruiter", reason=EndReason.TIME_UP) == first
    row = run_until_idle(interview)
    assert (row.state, row.end_reason) == (Status.COMPLETED, "ended_by_staff")


def test_submit_ends_a_running_test_once(running):
    first = actions.submit(running, by="candidate")
    assert actions.submit(fresh(running), by="candidate") == first
    row = run_until_idle(running)
    assert (row.state, row.end_reason) == (Status.COMPLETED, "submitted")


def test_submit_before_the_workspace_is_ready_is_rejected(take_home, engine):
    actions.activate(take_home, by="candidate")
    with pytest.raises(actions.WrongStateError):
        actions.submit(take_home, by="candidate")
    assert fresh(take_home).state is Status.ACTIVATED


def test_retry_keeps_the_whole_time_and_the_password(take_home, use_engine):
    use_engine(Broken())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    failed = fresh(take_home)
    assert failed.state is Status.ERROR
    engine = use_engine(BlocksProvision())
    engine.release.set()
    actions.retry(failed, by="candidate")
    assert (fresh(failed).problem, fresh(failed).failed_step) == (None, None)
    row = run_until_idle(failed)
    assert row.state is Status.ACTIVE
    assert (row.auto_destroy_at - row.ready_at).total_seconds() == 3600
    assert engine.passwords == {row.id: failed.password}


def test_candidate_may_retry_three_times_and_staff_always(take_home, use_engine):
    use_engine(Broken())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    for _ in range(3):
        actions.retry(fresh(take_home), by="candidate")
        run_until_idle(take_home)
    assert not actions.candidate_may_retry(fresh(take_home))
    with pytest.raises(actions.WrongStateError, match="You won't lose any time"):
        actions.retry(fresh(take_home), by="candidate")
    actions.retry(fresh(take_home), by="recruiter")
    assert fresh(take_home).state is Status.ACTIVATED


@pytest.mark.parametrize("status", [Status.AVAILABLE, Status.ACTIVE, Status.COMPLETED])
def test_retry_rejects_other_statuses_than_error(status, take_home, use_engine):
    interview = in_status(status, take_home, use_engine)
    with pytest.raises(actions.WrongStateError):
        actions.retry(interview, by="recruiter")


@pytest.mark.django_db
def test_end_without_saving_discards_files_that_cannot_be_saved(running, use_engine, enqueued):
    engine = use_engine(CannotSave())
    engine.running = {running.id: {}}
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    operation = operation_of(running)
    runner.run_operation(operation.id)
    assert fresh(running).state is Status.DESTROYING
    assert fresh(running).problem == "The disk does not answer."
    enqueued.clear()
    assert (
        actions.end(fresh(running), by="recruiter", reason=EndReason.ENDED_BY_STAFF, save=False)
        == operation.id
    )
    assert enqueued == [("operations.run", operation.id)]
    row = run_until_idle(running)
    assert (row.state, row.end_reason, row.history_s3_key) == (Status.COMPLETED, "time_up", None)
    assert engine.running == {}


def test_cancel_stops_an_unclaimed_create(take_home, engine):
    actions.activate(take_home, by="candidate")
    operation = operation_of(take_home)
    actions.cancel(operation, by="recruiter")
    assert fresh(take_home).state is Status.ERROR
    runner.run_operation(operation.id)
    assert operation_of(take_home).status == OperationStatus.CANCELLED
    assert engine.provisioned == []


def test_cancel_rejects_a_teardown_and_a_finished_operation(running):
    with pytest.raises(actions.WrongStateError):
        actions.cancel(operation_of(running), by="recruiter")
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    with pytest.raises(actions.WrongStateError):
        actions.cancel(operation_of(running), by="recruiter")
