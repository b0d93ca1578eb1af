"""A worker runs one operation: creating, destroying, and every way to fail."""

import contextlib
import hashlib
import tarfile
import threading
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions, models, operation_log
from operations.archives import archive
from operations.lifecycle import OperationStatus, OperationType
from operations.queue import enqueue
from operations.worker import handler, provision, runner, teardown
from tests.conftest import expire_lease, fresh, operation_of, run_until_idle
from tests.fakes import (
    Blind,
    BlocksProvision,
    Broken,
    CannotDestroy,
    CannotSave,
    CleanUpExplodes,
    DiesOnce,
    Exploding,
    FakeProvisioner,
    Moves,
    NeverReady,
    Quoting,
)


def log_lines(operation):
    return [line.message for line in operation_log.read_lines(operation.id)]


def statuses(stream):
    return [event["status"] for event in stream.events_named("interview")]


def end_interview(interview):
    actions.end(fresh(interview), by="schedule", reason=EndReason.TIME_UP)


def start_worker_until_blocked(engine, operation_id):
    """Start a worker that blocks while it provisions, until `unblock` is called."""
    worker = threading.Thread(target=runner.run_operation, args=[operation_id])
    worker.start()
    assert engine.entered.wait(10)
    return worker


def unblock(engine, worker):
    engine.release.set()
    worker.join(20)


def test_create_runs_every_step_and_publishes_each(take_home, engine, stream):
    stream.entries.clear()
    actions.activate(take_home, by="candidate")
    runner.run_operation(operation_of(take_home).id)
    row = fresh(take_home)
    assert statuses(stream) == ["activated", "initializing", "configuring", "active"]
    assert [m.status for m in row.timeline][1:] == statuses(stream)
    assert engine.running == {row.id: {"README.md": b"# Word count\n", "count.py": b"print(1)\n"}}
    assert row.access_url == f"http://127.0.0.1:9/{row.id}/"
    assert operation_of(row).status == OperationStatus.COMPLETED
    assert operation_of(row).lease_owner is None


def test_clock_starts_when_the_workspace_answers(running):
    assert running.auto_destroy_at - running.ready_at == timedelta(minutes=60)
    assert running.due_at == running.auto_destroy_at


def test_credentials_are_not_in_events_or_log(running, stream):
    text = stream.text + "".join(log_lines(operation_of(running)))
    assert "Started with the password •••" in text
    assert running.password not in text
    assert running.passcode not in text
    assert "http" not in stream.text
    assert "Ada" not in stream.text


def test_destroy_saves_verifies_destroys_and_erases(running, engine):
    engine.running[running.id]["solution.py"] = "print('ж')".encode()
    end_interview(running)
    row = run_until_idle(running)
    assert (row.state, row.end_reason) == (Status.COMPLETED, "time_up")
    assert (row.access_url, row.password, row.workspace_state) == (None, None, None)
    assert row.id in row.history_s3_key
    with default_storage.open(row.history_s3_key) as file:
        content = file.read()
    assert (row.archive_bytes, row.archive_sha256) == (
        len(content),
        hashlib.sha256(content).hexdigest(),
    )
    with default_storage.open(row.history_s3_key) as file, tarfile.open(fileobj=file) as saved:
        names = ["README.md", "count.py", "solution.py"]
        assert sorted(saved.getnames()) == [f"{row.id}/{name}" for name in names]
    assert engine.running == {}


def test_fault_03_a_finished_teardown_never_makes_it_active(running, stream):
    stream.entries.clear()
    end_interview(running)
    row = run_until_idle(running)
    runner.run_operation(row.operation_id)
    assert statuses(stream) == ["destroying", "destroying", "completed"]
    assert fresh(row).state is Status.COMPLETED


@pytest.mark.parametrize(
    ("engine_class", "step", "sentence"),
    [
        (Broken, "provision", "No room for •••."),
        (Exploding, "provision", handler.UNEXPECTED_ERROR),
        (NeverReady, "configure", "The workspace didn't respond within 0 minutes."),
        (
            Blind,
            "configure",
            "The workspace didn't respond within 0 minutes (The engine does not answer.).",
        ),
    ],
)
def test_failed_create_records_step_and_reason_and_leaves_nothing_running(
    engine_class, step, sentence, take_home, use_engine, monkeypatch
):
    monkeypatch.setattr(FakeProvisioner, "patience", timedelta(0))
    engine = use_engine(engine_class())
    actions.activate(take_home, by="candidate")
    row = run_until_idle(take_home)
    assert (row.state, row.failed_step, row.problem) == (Status.ERROR, step, sentence)
    assert (row.access_url, row.workspace_state) == (None, None)
    assert row.due_at - now() > timedelta(days=6)
    assert operation_of(row).status == OperationStatus.FAILED
    assert operation_of(row).error == sentence
    assert engine.running == {}
    assert engine.destroyed == [row.id]


@pytest.mark.parametrize("engine_class", [CannotSave, CannotDestroy])
def test_fault_12_a_failed_teardown_keeps_everything_and_is_tried_again(
    engine_class, running, use_engine
):
    kept = {running.id: {"work.py": b"hours"}}
    bad = use_engine(engine_class())
    bad.running = kept
    end_interview(running)
    operation = operation_of(running)
    runner.run_operation(operation.id)
    row, operation = fresh(running), operation_of(running)
    assert row.state is Status.DESTROYING
    assert row.list_key == "take-home"
    assert row.problem in ("The disk does not answer.", "The engine does not answer.")
    assert (row.history_s3_key is None) is (engine_class is CannotSave)
    assert row.workspace_state == {"made": True}
    assert bad.running == kept
    assert (operation.status, operation.lease_owner) == (OperationStatus.PENDING, None)
    assert operation.due_at > now()
    key = row.history_s3_key
    good = use_engine(FakeProvisioner())
    good.running = kept
    done = run_until_idle(row)
    assert (done.state, done.problem) == (Status.COMPLETED, None)
    assert done.history_s3_key is not None
    assert key in (None, done.history_s3_key)


def test_teardown_backs_off_further_each_time(running, use_engine):
    use_engine(CannotDestroy()).running = {running.id: {}}
    end_interview(running)
    waits = []
    for _ in range(3):
        runner.run_operation(operation_of(running).id)
        waits.append((operation_of(running).due_at - now()).total_seconds())
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]


def test_fault_13_a_store_that_does_not_confirm_is_no_success(running, engine, monkeypatch):
    original = archive.default_storage.save

    def store_half(key, content):
        saved = original(key, content)
        path = archive.default_storage.path(saved)
        with open(path, "r+b") as file:  # noqa: PTH123
            file.truncate(10)
        return saved

    monkeypatch.setattr(archive.default_storage, "save", store_half)
    end_interview(running)
    runner.run_operation(operation_of(running).id)
    row = fresh(running)
    assert (row.state, row.history_s3_key) == (Status.DESTROYING, None)
    assert row.problem.startswith("The store holds 10 bytes of the archive's")
    assert running.id in engine.running
    monkeypatch.undo()


def test_fault_13_archive_keys_are_unique_and_plain(invite, engine):
    rows = []
    for _ in range(2):
        interview = invite(candidate_name="Нина / $(whoami) ../../x")
        runner.run_operation(actions.activate(interview, by="candidate"))
        end_interview(interview)
        rows.append(run_until_idle(interview))
    keys = {row.history_s3_key for row in rows}
    assert len(keys) == 2
    assert all(key.isascii() and ".." not in key and " " not in key for key in keys)


def test_test_that_was_never_ready_saves_nothing(take_home, engine):
    actions.activate(take_home, by="candidate")
    end_interview(take_home)
    row = run_until_idle(take_home)
    assert (row.state, row.history_s3_key) == (Status.COMPLETED, None)
    assert engine.destroyed == [row.id]


def test_fault_10_cancelled_stays_cancelled_and_what_it_made_is_cleaned_up(take_home, use_engine):
    engine = use_engine(BlocksProvision())
    actions.activate(take_home, by="candidate")
    operation = operation_of(take_home)
    worker = start_worker_until_blocked(engine, operation.id)
    actions.cancel(models.get_operation(operation.id), by="recruiter")
    assert models.get_operation(operation.id).is_leased
    unblock(engine, worker)
    assert models.get_operation(operation.id).status == OperationStatus.CANCELLED
    assert not models.get_operation(operation.id).is_leased
    assert fresh(take_home).state is Status.ERROR
    assert engine.provisioned == [take_home.id]
    assert engine.running == {}


def test_fault_11_a_teardown_waits_until_the_create_has_let_go(take_home, use_engine):
    engine = use_engine(BlocksProvision())
    actions.activate(take_home, by="candidate")
    create = operation_of(take_home)
    worker = start_worker_until_blocked(engine, create.id)
    actions.revoke(fresh(take_home), by="recruiter")
    destroy = operation_of(take_home)
    runner.run_operation(destroy.id)
    assert engine.destroyed == []
    assert (
        models.get_operation(destroy.id).status,
        models.get_operation(destroy.id).is_leased,
    ) == ("pending", False)
    unblock(engine, worker)
    assert fresh(take_home).state is Status.DESTROYING
    row = run_until_idle(take_home)
    assert row.state is Status.REVOKED
    assert engine.running == {}
    assert models.get_operation(create.id).status == OperationStatus.CANCELLED


def test_released_create_dispatches_the_waiting_teardown(take_home, use_engine, enqueued):
    engine = use_engine(BlocksProvision())
    engine.release.set()
    actions.activate(take_home, by="candidate")
    create = operation_of(take_home)
    actions.revoke(fresh(take_home), by="recruiter")
    enqueued.clear()
    runner.run_operation(create.id)
    assert enqueued == [("operations.run", operation_of(take_home).id)]
    assert engine.provisioned == []


def test_retry_and_teardown_wait_for_the_cancelled_create(take_home, use_engine):
    engine = use_engine(BlocksProvision())
    actions.activate(take_home, by="candidate")
    first = operation_of(take_home)
    worker = start_worker_until_blocked(engine, first.id)
    actions.cancel(models.get_operation(first.id), by="recruiter")
    actions.retry(fresh(take_home), by="candidate")
    actions.revoke(fresh(take_home), by="recruiter")
    runner.run_operation(operation_of(take_home).id)
    assert engine.destroyed == []
    unblock(engine, worker)
    assert run_until_idle(take_home).state is Status.REVOKED
    assert engine.running == {}


def test_two_workers_run_one_operation_once(take_home, use_engine):
    engine = use_engine(BlocksProvision())
    actions.activate(take_home, by="candidate")
    operation = operation_of(take_home)
    worker = start_worker_until_blocked(engine, operation.id)
    runner.run_operation(operation.id)
    unblock(engine, worker)
    assert engine.provisioned == [take_home.id]
    assert fresh(take_home).state is Status.ACTIVE


def test_worker_that_shuts_down_requeues_its_operation(take_home, engine):
    actions.activate(take_home, by="candidate")
    handler.shutdown_requested.set()
    runner.run_operation(operation_of(take_home).id)
    operation = operation_of(take_home)
    assert (operation.status, operation.is_leased) == (OperationStatus.PENDING, False)
    handler.shutdown_requested.clear()
    assert run_until_idle(take_home).state is Status.ACTIVE


def test_unreferenced_operation_is_requeued_and_later_cancelled(take_home, engine):
    stray = models.Operation.queue(take_home.id, OperationType.CREATE, requested_by="candidate")
    runner.run_operation(stray.id)
    assert models.get_operation(stray.id).status == OperationStatus.PENDING
    stray.update(actions=[models.Operation.created_at.set(now() - timedelta(minutes=11))])
    runner.run_operation(stray.id)
    assert models.get_operation(stray.id).status == OperationStatus.CANCELLED
    assert engine.provisioned == []


def test_run_of_an_unknown_or_finished_operation_does_nothing(running, engine):
    runner.run_operation("no-such-operation")
    runner.run_operation(running.operation_id)
    assert engine.provisioned == [running.id]


class Killed(BaseException):
    """The process is killed at this write, so nothing after it happens."""


def die_at(monkeypatch, number):
    """Let the next `number` writes of rows succeed, then kill the worker."""
    writes = {"left": number}

    def guard(original):
        def write(self, *args, **kwargs):
            if threading.current_thread() is threading.main_thread():
                if writes["left"] == 0:
                    raise Killed
                writes["left"] -= 1
            return original(self, *args, **kwargs)

        return write

    monkeypatch.setattr(Interview, "_write", guard(Interview._write))
    monkeypatch.setattr(models.Operation, "_write", guard(models.Operation._write))


@pytest.mark.parametrize("survived", range(8))
def test_fault_07_a_worker_killed_at_any_write_of_a_create_is_taken_over(
    survived, take_home, engine, monkeypatch
):
    actions.activate(take_home, by="candidate")
    operation = operation_of(take_home)
    with monkeypatch.context() as patch:
        die_at(patch, survived)
        try:
            runner.run_operation(operation.id)
            died = False
        except Killed:
            died = True
    assert died is (survived < 7)
    expire_lease(operation)
    row = run_until_idle(take_home)
    assert row.state is Status.ACTIVE
    assert list(engine.running) == [row.id]
    assert operation_of(row).status == OperationStatus.COMPLETED


@pytest.mark.parametrize("survived", range(7))
def test_fault_07_a_worker_killed_at_any_write_of_a_teardown_is_taken_over(
    survived, running, engine, monkeypatch
):
    engine.running[running.id]["work.py"] = b"hours"
    end_interview(running)
    operation = operation_of(running)
    with monkeypatch.context() as patch:
        die_at(patch, survived)
        with contextlib.suppress(Killed):
            runner.run_operation(operation.id)
    expire_lease(operation)
    row = run_until_idle(running)
    assert row.state is Status.COMPLETED
    assert engine.running == {}
    with default_storage.open(row.history_s3_key) as file, tarfile.open(fileobj=file) as saved:
        assert f"{row.id}/work.py" in saved.getnames()


def test_workspace_that_dies_before_it_is_ready_is_provisioned_again(
    take_home, use_engine, monkeypatch
):
    monkeypatch.setattr(provision, "PROVISION_AGAIN_AFTER", timedelta(seconds=0))
    engine = use_engine(DiesOnce())
    actions.activate(take_home, by="candidate")
    assert run_until_idle(take_home).state is Status.ACTIVE
    assert engine.provisioned == [take_home.id] * 2


def test_error_after_the_start_does_not_destroy_the_workspace(take_home, engine, monkeypatch):
    actions.activate(take_home, by="candidate")
    original = operation_log.add_line

    def fails_at_the_end(operation, message, *, level="info"):
        if message == "The workspace is responding.":
            raise RuntimeError("nobody foresaw this")
        original(operation, message, level=level)

    monkeypatch.setattr(operation_log, "add_line", fails_at_the_end)
    runner.run_operation(operation_of(take_home).id)
    row = fresh(take_home)
    assert row.state is Status.ACTIVE
    assert engine.destroyed == []
    assert list(engine.running) == [row.id]


def test_workspace_that_moved_is_shown_at_its_new_address(take_home, use_engine, monkeypatch):
    monkeypatch.setattr(provision, "PROVISION_AGAIN_AFTER", timedelta(seconds=0))
    use_engine(Moves())
    actions.activate(take_home, by="candidate")
    row = run_until_idle(take_home)
    assert (row.state, row.access_url) == (Status.ACTIVE, "http://127.0.0.1:9/2/")
    assert row.workspace_state == {"made": 2}


@pytest.mark.parametrize("name", ["dokcer", "local"])
def test_unusable_engine_fails_the_start_with_a_sentence(take_home, settings, name):
    settings.PROVISIONER = name
    row = run_until_idle_after_activation(take_home)
    assert row.state is Status.ERROR
    assert "PROVISIONER=" in row.problem
    assert any("PROVISIONER=" in line for line in log_lines(operation_of(row)))


def test_unexpected_clean_up_error_does_not_hide_the_first_error(take_home, use_engine):
    use_engine(CleanUpExplodes())
    row = run_until_idle_after_activation(take_home)
    assert (row.state, row.failed_step) == (Status.ERROR, "provision")
    assert operation_of(row).status == OperationStatus.FAILED


def run_until_idle_after_activation(take_home):
    actions.activate(take_home, by="candidate")
    return run_until_idle(take_home)


def test_fault_18_an_engines_exception_that_quotes_the_password_is_masked_in_the_log(
    take_home, use_engine, caplog
):
    use_engine(Quoting())
    row = run_until_idle_after_activation(take_home)
    assert row.state is Status.ERROR
    assert "PASSWORD=•••" in caplog.text
    assert row.password not in caplog.text


def test_waiting_for_a_predecessor_is_no_failure(take_home, use_engine):
    use_engine(CannotDestroy())
    actions.activate(take_home, by="candidate")
    create = operation_of(take_home)
    token = create.claim()
    actions.revoke(take_home, by="recruiter")
    for _ in range(7):
        runner.run_operation(operation_of(take_home).id)
    models.get_operation(create.id).release(token)
    runner.run_operation(operation_of(take_home).id)
    assert (operation_of(take_home).due_at - now()).total_seconds() <= teardown.RETRY_DELAYS[0]


def test_restart_needs_no_challenge_and_keeps_the_files(running, engine, challenge):
    engine.running[running.id]["work.py"] = b"hours"
    del engine.running[running.id]
    challenge.delete()
    enqueue.restart_workspace(running)
    row = run_until_idle(running)
    assert operation_of(row).status == OperationStatus.COMPLETED
    assert engine.running[row.id]["work.py"] == b"hours"
