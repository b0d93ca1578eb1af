"""A worker that starts again releases the leases of the process that died."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pynamodb.exceptions import QueryError

from interviews.lifecycle import Status
from operations import actions, models, tasks
from operations.worker import identity, runner
from operations.worker.identity import WorkerIdentity
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import NeverReady

DEAD = WorkerIdentity("a" * 32)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> WorkerIdentity:
    """This process is the worker whose earlier process was DEAD."""
    monkeypatch.setattr(identity, "_identity", WorkerIdentity("a" * 32))
    assert identity._identity is not None
    return identity._identity


@pytest.fixture
def descriptors() -> Iterator[list[int]]:
    """Locks that the test holds; closing one is the death of its process."""
    held: list[int] = []
    yield held
    for descriptor in held:
        os.close(descriptor)


def test_id_stays_and_each_process_is_told_apart(tmp_path: Path, descriptors: list[int]) -> None:
    path = tmp_path / "workers" / "celery@here.id"
    descriptor, worker_id = identity._lock(path)
    os.close(descriptor)
    descriptor, again = identity._lock(path)
    descriptors.append(descriptor)
    assert again == worker_id
    first, second = WorkerIdentity(worker_id), WorkerIdentity(again)
    assert second.is_dead(first.process)
    assert not second.is_dead(second.process)
    assert not second.is_dead(None)
    assert not second.is_dead(WorkerIdentity("b" * 32).process)


def test_second_worker_of_one_name_has_no_id(
    files: Path, descriptors: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_identity", None)
    monkeypatch.setattr(identity, "_lock_file", None)
    path = files.parent / "workers" / "celery@here.id"
    descriptors.append(identity._lock(path)[0])
    identity.acquire("celery@here")
    assert identity.current_process() is None
    identity.acquire("ends@here")
    assert identity.current_process() is not None
    descriptors.append(identity._lock_file or -1)


@pytest.mark.parametrize("content", ["", "abc", "é" * 16, "x" * 32])
def test_id_that_was_cut_off_is_made_anew(
    tmp_path: Path, descriptors: list[int], content: str
) -> None:
    path = tmp_path / "celery@here.id"
    path.write_text(content)
    descriptor, worker_id = identity._lock(path)
    descriptors.append(descriptor)
    assert path.read_text() == worker_id
    assert len(worker_id) == 32


def test_folder_that_cannot_be_written_only_costs_the_id(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(identity, "_identity", None)
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.write_text("")
    identity.acquire("celery@here")
    assert identity.current_process() is None
    assert "worker_without_id" in caplog.text


def test_claim_is_marked_with_the_process(take_home, engine, worker, monkeypatch) -> None:
    operation_id = actions.activate(take_home, by="candidate")
    seen = []
    claim = models.Operation.claim

    def look(operation, process=None):
        token = claim(operation, process)
        seen.append(models.get_operation(operation.id).lease_process)
        return token

    monkeypatch.setattr(models.Operation, "claim", look)
    runner.run_operation(operation_id)
    assert seen == [worker.process]


def test_operation_of_a_dead_process_goes_on_at_once(take_home, engine, worker, enqueued) -> None:
    operation_id = actions.activate(take_home, by="candidate")
    operation_of(take_home).claim(DEAD.process)
    enqueued.clear()
    identity.release_dead_leases(worker)
    assert enqueued == [("operations.run", operation_id)]
    assert run_until_idle(take_home).state is Status.ACTIVE


@pytest.mark.parametrize("who", ["this process", "another worker", "unknown"])
def test_lease_of_a_living_process_stays(take_home, engine, worker, enqueued, who) -> None:
    actions.activate(take_home, by="candidate")
    processes = {"this process": worker.process, "another worker": WorkerIdentity("b" * 32).process}
    operation_of(take_home).claim(processes.get(who))
    enqueued.clear()
    identity.release_dead_leases(worker)
    assert operation_of(take_home).is_leased
    assert enqueued == []


def test_end_does_not_wait_for_a_create_that_died(take_home, engine, worker, enqueued) -> None:
    actions.activate(take_home, by="candidate")
    operation_of(take_home).claim(DEAD.process)
    actions.revoke(fresh(take_home), by="recruiter")
    end = operation_of(take_home)
    create = models.get_operation(end.blocked_by)
    assert create is not None
    create.cancel()
    assert create.is_leased
    enqueued.clear()
    identity.release_dead_leases(worker)
    assert enqueued == [("operations.run", end.id)]
    create.refresh(consistent_read=True)
    assert not create.is_leased
    assert run_until_idle(take_home).state is Status.REVOKED


def test_operation_whose_message_was_lost_with_the_process_is_dispatched(
    take_home, engine, worker, enqueued
) -> None:
    operation_id = actions.activate(take_home, by="candidate")
    enqueued.clear()
    identity.release_dead_leases(worker)
    assert enqueued == [("operations.run", operation_id)]


def test_start_between_two_checks_keeps_its_time(take_home, use_engine, worker, enqueued) -> None:
    use_engine(NeverReady())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    operation = operation_of(take_home)
    assert operation.is_between_checks
    enqueued.clear()
    identity.release_dead_leases(worker)
    assert enqueued == []
    assert operation_of(take_home).due_at == operation.due_at


def test_check_that_died_goes_on_at_once(take_home, use_engine, worker, enqueued) -> None:
    use_engine(NeverReady())
    runner.run_operation(operation_id := actions.activate(take_home, by="candidate"))
    operation = operation_of(take_home)
    operation.update(actions=[models.Operation.check_at.set(operation.started_at)])
    operation.claim(DEAD.process)
    enqueued.clear()
    identity.release_dead_leases(worker)
    assert enqueued == [("operations.run", operation_id)]


def test_tables_that_are_away_at_the_start_are_tried_again(worker, monkeypatch) -> None:
    calls = []

    def release(_: WorkerIdentity) -> None:
        calls.append(1)
        if len(calls) < 3:
            raise QueryError("away")

    monkeypatch.setattr(identity, "release_dead_leases", release)
    monkeypatch.setattr(identity, "RETRY_SECONDS", 0)
    identity._release_until_expiry(worker)
    assert len(calls) == 3


def test_each_worker_releases_when_it_starts(worker, monkeypatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(identity, "release_dead_leases_soon", lambda: started.append(1))
    for task in (tasks.watch, tasks.scan_engines, tasks.check_planned_times):
        monkeypatch.setattr(task, "delay", partial(started.append, task))
    monkeypatch.setattr(
        tasks.try_checks, "apply_async", lambda countdown: started.append(countdown)
    )
    tasks._check_after_start()
    assert started == [
        *(1, tasks.watch, tasks.scan_engines, tasks.check_planned_times),
        tasks.TRIAL_DELAY,
    ]
