"""Waiting for a workspace: on the operation's row, from one readiness check to the next."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine

from interviews.challenges import library, versions
from interviews.challenges.starting_files import StartingFiles
from interviews.lifecycle import EndReason, Status
from operations import actions, deadlines, health_watch, models, operation_log, reconciler
from operations.lifecycle import OperationStatus
from operations.models import Operation
from operations.provisioners.base import USUAL_PATIENCE, Readiness
from operations.worker import handler, provision, runner
from tests.conftest import fresh, make_check_due, operation_of, run_until_idle
from tests.fakes import FakeProvisioner, NeverReady


class ReadyWhenTold(FakeProvisioner):
    """Its workspaces answer once `answers` is set, or from one check on. It counts the checks."""

    answers = False
    answers_from = float("inf")
    checks = 0
    reason = None

    def on_check(self):
        """Replaced by a test."""

    def is_ready(self, workspace):
        self.checks += 1
        self.on_check()
        is_told = self.answers or self.checks >= self.answers_from
        return super().is_ready(workspace) if is_told else Readiness(False, self.reason)


@pytest.fixture
def engine(use_engine):
    return use_engine(ReadyWhenTold())


@pytest.fixture(autouse=True)
def no_brief_wait(monkeypatch):
    monkeypatch.setattr(provision, "BRIEF_WAIT", timedelta(0))


@pytest.fixture
def waiting(take_home, engine):
    """A take-home whose workspace is provisioned, and did not answer the first check."""
    runner.run_operation(actions.activate(take_home, by="candidate"))
    return fresh(take_home)


def check_now(interview):
    operation = operation_of(interview)
    make_check_due(operation)
    runner.run_operation(operation.id)


def lines(operation):
    return [line.message for line in operation_log.read_lines(operation.id)]


def test_a_workspace_that_does_not_answer_holds_no_worker(waiting):
    operation = operation_of(waiting)
    assert waiting.state is Status.CONFIGURING
    assert (operation.status, operation.is_leased) == (OperationStatus.RUNNING, False)
    assert operation.check_at > datetime.now(UTC)
    assert operation.due_at > datetime.now(UTC)


def test_end_is_done_at_once_beside_more_starts_that_hang_than_threads(invite, running, use_engine):
    use_engine(NeverReady()).running = {running.id: {}}
    starts = [actions.activate(invite(), by="candidate") for _ in range(32)]
    end = actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(runner.run_operation, id_) for id_ in [*starts, end]]:
            done.result(timeout=60)
    assert fresh(running).state is Status.COMPLETED
    assert {models.get_operation(id_).is_between_checks for id_ in starts} == {True}


def test_workspace_gets_the_execute_bits_of_its_version(challenge, invite, engine):
    files = StartingFiles({"README.md": b"x", "run.sh": b"x"}, ["run.sh"])
    about = library.get_version(challenge.id, 1).about
    versions.save_version(challenge.id, about, files, base=1, by="ada")
    runner.run_operation(actions.activate(invite(), by="candidate"))
    assert engine.specs[-1].executable == {"run.sh"}


def test_next_check_only_checks(waiting, engine, stream, enqueued):
    operation = operation_of(waiting)
    before = lines(operation)
    stream.entries.clear()
    enqueued.clear()
    check_now(waiting)
    after = operation_of(waiting)
    assert (engine.checks, engine.provisioned) == (2, [waiting.id])
    assert lines(operation) == before
    assert stream.entries == []
    assert enqueued == [("operations.run", operation.id)]
    assert after.attempts == operation.attempts == 1
    assert [step.name for step in after.steps] == ["provision", "configure"]
    engine.answers = True
    check_now(waiting)
    assert fresh(waiting).state is Status.ACTIVE
    assert operation_of(waiting).status == OperationStatus.COMPLETED
    assert engine.provisioned == [waiting.id]


def test_fast_editor_is_ready_in_one_run(take_home, engine, monkeypatch, enqueued):
    monkeypatch.setattr(provision, "BRIEF_WAIT", timedelta(seconds=30))
    engine.answers_from = 2
    operation_id = actions.activate(take_home, by="candidate")
    enqueued.clear()
    runner.run_operation(operation_id)
    assert fresh(take_home).state is Status.ACTIVE
    assert enqueued == []


def test_brief_wait_stops_when_the_worker_shuts_down(take_home, engine, monkeypatch):
    monkeypatch.setattr(provision, "BRIEF_WAIT", timedelta(seconds=30))
    engine.on_check = handler.shutdown_requested.set
    runner.run_operation(actions.activate(take_home, by="candidate"))
    operation = operation_of(take_home)
    assert (operation.status, operation.is_leased) == (OperationStatus.PENDING, False)
    assert engine.checks == 1


def test_start_that_is_cancelled_in_the_brief_wait_leaves_nothing(take_home, engine, monkeypatch):
    monkeypatch.setattr(provision, "BRIEF_WAIT", timedelta(seconds=0.2))
    engine.on_check = lambda: actions.cancel(operation_of(take_home), by="recruiter")
    runner.run_operation(actions.activate(take_home, by="candidate"))
    assert (fresh(take_home).state, engine.running) == (Status.ERROR, {})
    assert operation_of(take_home).status == OperationStatus.CANCELLED


def test_start_that_is_cancelled_at_the_last_check_stays_cancelled(take_home, engine):
    def cancel_and_answer() -> None:
        actions.cancel(operation_of(take_home), by="recruiter")
        engine.answers = True

    engine.on_check = cancel_and_answer
    runner.run_operation(actions.activate(take_home, by="candidate"))
    assert (fresh(take_home).state, engine.running) == (Status.ERROR, {})


def test_second_message_for_one_check_is_dropped(waiting, engine):
    operation = operation_of(waiting)
    later = datetime.now(UTC) + timedelta(seconds=5)
    operation.update(actions=[Operation.check_at.set(later)])
    runner.run_operation(operation.id)
    assert engine.checks == 1


def test_checks_become_rarer_until_the_start_fails(take_home, engine):
    began = datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(began, tick=False) as clock:
        runner.run_operation(actions.activate(take_home, by="candidate"))
        moments = []
        while (operation := operation_of(take_home)).is_unfinished:
            assert len(moments) < 100
            moments.append(operation.check_at - began)
            clock.move_to(operation.check_at)
            runner.run_operation(operation.id)
        failed_at = datetime.now(UTC) - began
    delays = [late - early for early, late in pairwise(moments)]
    assert moments[0] == provision.FIRST_CHECK_DELAY
    assert delays == sorted(delays)
    assert delays[-1] == provision.MAX_CHECK_DELAY
    assert timedelta(0) <= failed_at - USUAL_PATIENCE <= provision.MAX_CHECK_DELAY
    # Every PROVISION_AGAIN_AFTER, or at the next check.
    assert 300 / 30 <= len(engine.provisioned) <= 300 / 20 + 1
    row = fresh(take_home)
    assert (row.state, row.failed_step) == (Status.ERROR, "configure")
    assert row.problem == "The workspace didn't respond within 5 minutes."
    assert engine.running == {}


def test_lost_message_is_sent_again_soon_after_its_time(waiting, enqueued):
    operation = operation_of(waiting)
    enqueued.clear()
    reconciler.run_due()
    assert enqueued == []
    late = operation.check_at + models.CHECK_LOST_AFTER + timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        reconciler.run_due()
        assert enqueued == [("operations.run", operation.id)]


class Killed(BaseException):
    """The process is killed at this write, so nothing after it happens."""


@pytest.mark.parametrize("survived", [0, 1, 2])
def test_worker_killed_at_any_write_of_a_check_is_taken_over(
    survived, waiting, engine, monkeypatch
):
    """The writes: the claim, the release until the next check; after them the message is sent."""
    left = survived
    write, send = Operation._write, provision.dispatch.enqueue_operation

    def dies(original):
        def call(*args, **kwargs):
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return original(*args, **kwargs)

        return call

    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        patch.setattr(Operation, "_write", dies(write))
        patch.setattr(provision.dispatch, "enqueue_operation", dies(send))
        check_now(waiting)
        pytest.fail("It was not killed.")
    operation = operation_of(waiting)
    after_lease = datetime.now(UTC) + models.LEASE_DURATION + timedelta(seconds=2)
    engine.answers = True
    with time_machine.travel(after_lease, tick=False):
        assert operation.id in models.due_operation_ids(OperationStatus.RUNNING, after_lease)
        runner.run_operation(operation.id)
    assert fresh(waiting).state is Status.ACTIVE
    assert engine.provisioned == [waiting.id]


def test_workspace_that_was_not_checked_for_long_is_provisioned_and_waited_for_anew(
    waiting, engine
):
    operation = operation_of(waiting)
    much_later = operation.check_at + USUAL_PATIENCE
    with time_machine.travel(much_later, tick=False):
        runner.run_operation(operation.id)
        assert engine.provisioned == [waiting.id] * 2
        assert fresh(waiting).state is Status.CONFIGURING
        engine.answers = True
        assert run_until_idle(waiting).state is Status.ACTIVE


def test_worker_that_shuts_down_leaves_the_next_check_to_another(waiting, engine):
    handler.shutdown_requested.set()
    check_now(waiting)
    operation = operation_of(waiting)
    assert (operation.status, operation.is_leased) == (OperationStatus.PENDING, False)
    assert operation.due_at <= datetime.now(UTC)
    handler.shutdown_requested.clear()
    engine.answers = True
    runner.run_operation(operation.id)
    assert fresh(waiting).state is Status.ACTIVE
    assert engine.provisioned == [waiting.id]


def test_wait_of_an_earlier_version_goes_on_with_the_workspace(waiting, engine):
    """It waited with the lease, and requeued the operation when its worker was stopped."""
    operation_of(waiting).update(
        actions=[
            Operation.status.set(OperationStatus.PENDING.value),
            Operation.check_at.remove(),
            Operation.provisioned_at.remove(),
        ]
    )
    engine.answers = True
    assert run_until_idle(waiting).state is Status.ACTIVE
    assert list(engine.running) == [waiting.id]


def test_running_workspace_is_restarted_by_checks_too(running, engine, stream):
    engine.running.clear()
    health_watch.check_health(running.id)
    runner.run_operation(operation_of(running).id)
    restart = operation_of(running)
    assert (restart.type, restart.is_between_checks) == ("restart", True)
    assert fresh(running).restarting is True
    provisioned = list(engine.provisioned)
    check_now(running)
    engine.answers = True
    check_now(running)
    row = fresh(running)
    assert (row.state, row.restarting, row.paused_at) == (Status.ACTIVE, None, None)
    assert operation_of(row).status == OperationStatus.COMPLETED
    assert engine.provisioned == provisioned


@pytest.fixture
def running(take_home, engine):
    engine.answers = True
    runner.run_operation(actions.activate(take_home, by="candidate"))
    engine.answers = False
    return fresh(take_home)


def test_start_that_is_cancelled_between_checks_is_cleaned_up(waiting, engine, enqueued):
    enqueued.clear()
    operation = operation_of(waiting)
    actions.cancel(operation, by="recruiter")
    assert enqueued == [("operations.run", operation.id)]
    runner.run_operation(operation.id)
    assert fresh(waiting).state is Status.ERROR
    assert engine.running == {}
    runner.run_operation(operation.id)
    assert engine.destroyed == [waiting.id]
    assert operation_of(waiting).status == OperationStatus.CANCELLED
    assert not operation_of(waiting).is_leased


def test_late_message_of_a_cancelled_start_leaves_the_next_try_alone(waiting, engine):
    cancelled = operation_of(waiting)
    actions.cancel(cancelled, by="recruiter")
    engine.answers = True
    runner.run_operation(actions.retry(fresh(waiting), by="recruiter"))
    runner.run_operation(cancelled.id)
    assert fresh(waiting).state is Status.ACTIVE
    assert engine.destroyed == []


def test_start_that_is_over_time_between_checks_is_cleaned_up(waiting, engine, enqueued):
    enqueued.clear()
    operation = operation_of(waiting)
    with time_machine.travel(waiting.auto_destroy_at + timedelta(seconds=1), tick=False):
        deadlines.end_overdue(fresh(waiting))
        assert enqueued == [("operations.run", operation.id)]
        runner.run_operation(operation.id)
    assert fresh(waiting).state is Status.ERROR
    assert engine.running == {}


def test_end_between_checks_takes_effect_at_once(waiting, engine):
    end = actions.end(waiting, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    runner.run_operation(end)
    assert fresh(waiting).state is Status.COMPLETED
    assert engine.running == {}
