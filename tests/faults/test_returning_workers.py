"""A worker that was silent for longer than its lease, and then comes back to work that went on."""

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from operations import actions, archive, models
from operations.models import Operation, OperationStatus
from operations.provisioners.base import ProvisionError
from operations.queue import enqueue
from operations.worker import handler, runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import FakeProvisioner, Gate


class Silent:
    """A worker in a thread, which the test holds up at one call of the engine or the store."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self._first = True

    def hold_up(self) -> bool:
        """Waits, the first time it is called; tells whether this was the first time."""
        first, self._first = self._first, False
        if first:
            self.entered.set()
            assert self.go_on.wait(60)
        return first

    def work_on(self, operation_id: str) -> None:
        """Returns when the worker is held up and its lease has run out."""
        self._thread = threading.Thread(target=runner.run_operation, args=[operation_id])
        self._thread.start()
        assert self.entered.wait(30)
        past = now() - timedelta(seconds=1)
        operation = models.get(operation_id)
        assert operation is not None
        operation.update(actions=[Operation.lease_until.set(past), Operation.due_at.set(past)])

    def come_back(self) -> None:
        self.go_on.set()
        self._thread.join(60)
        assert not self._thread.is_alive()


def with_engine(engine: FakeProvisioner, name: str, worker: Silent) -> FakeProvisioner:
    """The same engine, whose method `name` holds the worker up the first time."""
    whole: Callable[..., Any] = getattr(engine, name)

    def call(*args: Any) -> Any:
        worker.hold_up()
        return whole(*args)

    setattr(engine, name, call)
    return engine


def test_a_late_worker_never_voids_the_teardown_that_another_took_over(running, use_engine):
    worker = Silent()
    engine = with_engine(FakeProvisioner(), "export", worker)
    engine.running[running.id] = {"work.py": b"hours"}
    use_engine(engine)
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    operation = operation_of(running)
    worker.work_on(operation.id)
    token = operation_of(running).claim()
    worker.come_back()
    assert operation_of(running).status == OperationStatus.RUNNING
    operation_of(running).release(token)
    assert run_until_idle(running).state is Status.COMPLETED


def test_a_late_failure_never_touches_the_workspace_that_another_brought_up(take_home, use_engine):
    worker, engine = Silent(), FakeProvisioner()
    whole = engine.provision

    def fails_late(spec, log):
        if worker.hold_up():
            raise ProvisionError("provision", "The engine did not answer.")
        return whole(spec, log)

    engine.provision = fails_late
    use_engine(engine)
    operation_id = actions.activate(take_home, by="candidate")
    worker.work_on(operation_id)
    runner.run_operation(operation_id)
    assert fresh(take_home).state is Status.ACTIVE
    engine.running[take_home.id]["work.py"] = b"hours"
    worker.come_back()
    assert fresh(take_home).state is Status.ACTIVE
    assert engine.running[take_home.id]["work.py"] == b"hours"
    assert engine.destroyed == []


def test_a_workspace_that_comes_after_the_teardown_is_removed(take_home, use_engine):
    worker = Silent()
    engine = use_engine(with_engine(FakeProvisioner(), "provision", worker))
    worker.work_on(actions.activate(take_home, by="candidate"))
    actions.revoke(fresh(take_home), by="recruiter")
    assert run_until_idle(take_home).state is Status.REVOKED
    worker.come_back()
    assert engine.provisioned == [take_home.id]
    assert engine.running == {}


def test_a_late_upload_never_writes_over_the_archive_that_was_verified(
    running, engine, monkeypatch
):
    engine.running[running.id]["work.py"] = b"hours"
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    worker, save = Silent(), default_storage.save

    def slow(key, content):
        if worker.hold_up():
            content.open()
            save(key, content.__class__(content.file))
            raise OSError("the connection broke")
        return save(key, content)

    with monkeypatch.context() as patch:
        patch.setattr(archive.default_storage, "save", slow)
        worker.work_on(operation_of(running).id)
        row = run_until_idle(running)
        assert row.state is Status.COMPLETED
        worker.come_back()
    with default_storage.open(row.history_s3_key) as file:
        assert hashlib.sha256(file.read()).hexdigest() == row.archive_sha256
    assert len(default_storage.listdir(f"archives/{row.id}")[1]) == 2
    assert fresh(row).history_s3_key == row.history_s3_key


def test_a_worker_without_its_lease_writes_nothing(take_home, use_engine, monkeypatch):
    engine = use_engine(Gate())
    monkeypatch.setattr("operations.worker.lease.LEASE_DURATION", timedelta(seconds=0.15))
    operation_id = actions.activate(take_home, by="candidate")
    worker = threading.Thread(target=runner.run_operation, args=[operation_id])
    worker.start()
    assert engine.entered.wait(20)
    operation_of(take_home).update(
        actions=[Operation.lease_owner.set("another"), Operation.started_at.set(now())]
    )
    engine.open.set()
    worker.join(30)
    row = fresh(take_home)
    assert row.state is Status.INITIALIZING
    assert operation_of(row).lease_owner == "another"
    assert operation_of(row).status == OperationStatus.RUNNING


def test_a_step_that_hangs_loses_its_lease_and_the_create_fails_with_a_sentence(
    take_home, use_engine, monkeypatch
):
    monkeypatch.setattr("operations.worker.lease.LEASE_DURATION", timedelta(seconds=0.15))
    monkeypatch.setattr("operations.worker.lease.STEP_LIMIT", timedelta(seconds=0.1))
    engine = use_engine(Gate())
    operation_id = actions.activate(take_home, by="candidate")
    worker = threading.Thread(target=runner.run_operation, args=[operation_id])
    worker.start()
    assert engine.entered.wait(20)
    while any(thread.name == "lease" for thread in threading.enumerate()):
        pass
    past = now() - timedelta(minutes=16)
    operation_of(take_home).update(
        actions=[Operation.started_at.set(past), Operation.lease_until.set(past)]
    )
    runner.run_operation(operation_id)
    row = fresh(take_home)
    assert (row.state, row.failed_step) == (Status.ERROR, "provision")
    assert row.problem == "It was not done within 15 minutes."
    engine.open.set()
    worker.join(30)
    assert fresh(take_home).state is Status.ERROR
    # What came late is adopted by the next try, or goes with the end of the interview.
    actions.retry(fresh(take_home), by="candidate")
    assert run_until_idle(take_home).state is Status.ACTIVE
    actions.revoke(fresh(take_home), by="recruiter")
    assert run_until_idle(take_home).state is Status.REVOKED
    assert engine.running == {}


def test_stopping_while_cancelled_still_cleans_up(take_home, use_engine):
    engine = use_engine(Gate())
    operation_id = actions.activate(take_home, by="candidate")
    worker = threading.Thread(target=runner.run_operation, args=[operation_id])
    worker.start()
    assert engine.entered.wait(20)
    actions.cancel(operation_of(take_home), by="recruiter")
    handler.shutting_down.set()
    engine.open.set()
    worker.join(30)
    assert fresh(take_home).state is Status.ERROR
    assert engine.provisioned == [take_home.id]
    assert engine.running == {}


def test_every_open_row_has_work_queued_or_a_moment_that_is_due(take_home, engine):
    """Whatever happened, `mend` and the timers lead out of it."""
    actions.activate(take_home, by="candidate")
    operation_of(take_home).delete()
    for status in (Status.INITIALIZING, Status.CONFIGURING):
        enqueue.repair_operation(fresh(take_home))
        assert operation_of(take_home).is_unfinished
        fresh(take_home).move_to(status, by="worker")
        operation_of(take_home).cancel()
    enqueue.repair_operation(fresh(take_home))
    assert run_until_idle(take_home).state is Status.ACTIVE
    actions.end(fresh(take_home), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    operation_of(take_home).cancel()
    enqueue.repair_operation(fresh(take_home))
    assert run_until_idle(take_home).state is Status.COMPLETED
