"""A worker that stalls for longer than its lease, and continues after another one took over."""

import hashlib
import tarfile
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from operations import actions, models
from operations.archives import archive
from operations.lifecycle import OperationStatus
from operations.models import Operation
from operations.provisioners.base import ProvisionError
from operations.queue import enqueue
from operations.worker import handler, runner
from tests.conftest import expire_lease, fresh, operation_of, run_until_idle
from tests.fakes import BlocksProvision, FakeProvisioner


class StalledWorker:
    """A worker in a thread, which stalls in one call of the engine or the storage."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.resume = threading.Event()
        self._first = True

    def stall_once(self) -> bool:
        """Stall in the first call only. Returns whether this was the first call."""
        first, self._first = self._first, False
        if first:
            self.entered.set()
            assert self.resume.wait(60)
        return first

    def start_and_stall(self, operation_id: str) -> None:
        """Start the worker; return when it stalls and its lease has expired."""
        self._thread = threading.Thread(target=runner.run_operation, args=[operation_id])
        self._thread.start()
        assert self.entered.wait(30)
        operation = models.get_operation(operation_id)
        assert operation is not None
        expire_lease(operation)

    def finish(self) -> None:
        self.resume.set()
        self._thread.join(60)
        assert not self._thread.is_alive()


def stall_in(engine: FakeProvisioner, name: str, worker: StalledWorker) -> FakeProvisioner:
    """The engine, with a method `name` that stalls the worker in its first call."""
    original: Callable[..., Any] = getattr(engine, name)

    def call(*args: Any) -> Any:
        worker.stall_once()
        return original(*args)

    setattr(engine, name, call)
    return engine


def test_late_worker_does_not_cancel_a_teardown_that_another_took_over(running, use_engine):
    worker = StalledWorker()
    engine = stall_in(FakeProvisioner(), "export", worker)
    engine.running[running.id] = {"work.py": b"hours"}
    use_engine(engine)
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    operation = operation_of(running)
    worker.start_and_stall(operation.id)
    token = operation_of(running).claim()
    worker.finish()
    assert operation_of(running).status == OperationStatus.RUNNING
    operation_of(running).release(token)
    assert run_until_idle(running).state is Status.COMPLETED


def test_late_failure_does_not_destroy_the_workspace_of_another_worker(take_home, use_engine):
    worker, engine = StalledWorker(), FakeProvisioner()
    original = engine.provision

    def fails_late(spec, log):
        if worker.stall_once():
            raise ProvisionError("provision", "The engine did not answer.")
        return original(spec, log)

    engine.provision = fails_late
    use_engine(engine)
    operation_id = actions.activate(take_home, by="candidate")
    worker.start_and_stall(operation_id)
    runner.run_operation(operation_id)
    assert fresh(take_home).state is Status.ACTIVE
    engine.running[take_home.id]["work.py"] = b"hours"
    worker.finish()
    assert fresh(take_home).state is Status.ACTIVE
    assert engine.running[take_home.id]["work.py"] == b"hours"
    assert engine.destroyed == []


def test_workspace_created_after_the_teardown_is_destroyed(take_home, use_engine):
    worker = StalledWorker()
    engine = use_engine(stall_in(FakeProvisioner(), "provision", worker))
    worker.start_and_stall(actions.activate(take_home, by="candidate"))
    actions.revoke(fresh(take_home), by="recruiter")
    assert run_until_idle(take_home).state is Status.REVOKED
    worker.finish()
    assert engine.provisioned == [take_home.id]
    assert engine.running == {}


def test_restart_that_the_end_replaced_leaves_the_workspace_until_it_is_saved(running, engine):
    engine.running[running.id]["work.py"] = b"hours"
    original = engine.provision

    def submitted_meanwhile(*args: Any) -> Any:
        actions.submit(fresh(running), by="candidate")
        return original(*args)

    engine.provision = submitted_meanwhile
    enqueue.restart_workspace(running)
    restart = operation_of(running)
    # It holds its lease until it returns, so nothing else tells it to leave the workspace alone.
    runner.run_operation(restart.id)
    assert models.get_operation(restart.id).status == OperationStatus.CANCELLED
    assert engine.destroyed == []
    row = run_until_idle(running)
    assert (row.state, engine.running) == (Status.COMPLETED, {})
    with default_storage.open(row.history_s3_key) as file, tarfile.open(fileobj=file) as saved:
        assert f"{row.id}/work.py" in saved.getnames()


def test_late_upload_does_not_overwrite_the_verified_archive(running, engine, monkeypatch):
    engine.running[running.id]["work.py"] = b"hours"
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    worker, save = StalledWorker(), default_storage.save

    def slow(key, content):
        if worker.stall_once():
            content.open()
            save(key, content.__class__(content.file))
            raise OSError("the connection broke")
        return save(key, content)

    with monkeypatch.context() as patch:
        patch.setattr(archive.default_storage, "save", slow)
        worker.start_and_stall(operation_of(running).id)
        row = run_until_idle(running)
        assert row.state is Status.COMPLETED
        worker.finish()
    with default_storage.open(row.history_s3_key) as file:
        assert hashlib.sha256(file.read()).hexdigest() == row.archive_sha256
    # The late copy went when the store did not confirm it.
    assert default_storage.listdir(f"archives/{row.id}")[1] == [Path(row.history_s3_key).name]
    assert fresh(row).history_s3_key == row.history_s3_key


def test_worker_that_loses_its_lease_while_it_saves_leaves_no_archive(running, engine):
    original = engine.export

    def another_takes_over(*args: Any) -> Any:
        operation_of(running).update(actions=[Operation.lease_owner.set("another worker")])
        return original(*args)

    engine.export = another_takes_over
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    runner.run_operation(operation_of(running).id)
    row = fresh(running)
    assert (row.status, row.history_s3_key, engine.destroyed) == ("destroying", None, [])
    assert default_storage.listdir(archive.archive_folder(row.id))[1] == []


def test_worker_without_its_lease_writes_nothing(take_home, use_engine, monkeypatch):
    engine = use_engine(BlocksProvision())
    monkeypatch.setattr("operations.worker.lease.LEASE_DURATION", timedelta(seconds=0.15))
    operation_id = actions.activate(take_home, by="candidate")
    worker = threading.Thread(target=runner.run_operation, args=[operation_id])
    worker.start()
    assert engine.entered.wait(20)
    operation_of(take_home).update(
        actions=[Operation.lease_owner.set("another"), Operation.started_at.set(now())]
    )
    engine.release.set()
    worker.join(30)
    row = fresh(take_home)
    assert row.state is Status.INITIALIZING
    assert operation_of(row).lease_owner == "another"
    assert operation_of(row).status == OperationStatus.RUNNING


def test_hung_step_loses_its_lease_and_fails_the_create(take_home, use_engine, monkeypatch):
    monkeypatch.setattr("operations.worker.lease.LEASE_DURATION", timedelta(seconds=0.15))
    monkeypatch.setattr("operations.worker.lease.STEP_TIMEOUT", timedelta(seconds=0.1))
    engine = use_engine(BlocksProvision())
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
    assert row.problem == "It wasn't done within 15 minutes."
    engine.release.set()
    worker.join(30)
    assert fresh(take_home).state is Status.ERROR
    # The next attempt reuses the late workspace, or the end of the interview destroys it.
    actions.retry(fresh(take_home), by="candidate")
    assert run_until_idle(take_home).state is Status.ACTIVE
    actions.revoke(fresh(take_home), by="recruiter")
    assert run_until_idle(take_home).state is Status.REVOKED
    assert engine.running == {}


def test_shutdown_of_a_cancelled_operation_still_cleans_up(take_home, use_engine):
    engine = use_engine(BlocksProvision())
    operation_id = actions.activate(take_home, by="candidate")
    worker = threading.Thread(target=runner.run_operation, args=[operation_id])
    worker.start()
    assert engine.entered.wait(20)
    actions.cancel(operation_of(take_home), by="recruiter")
    handler.shutdown_requested.set()
    engine.release.set()
    worker.join(30)
    assert fresh(take_home).state is Status.ERROR
    assert engine.provisioned == [take_home.id]
    assert engine.running == {}


def test_repair_queues_an_operation_in_every_status(take_home, engine):
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
