"""Runs of checks that fail, are stopped or are lost."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now

from interviews.challenges import storage
from operations.checks import actions, executor, places, preparation, queue, sweep
from operations.checks.models import CheckRun, RunReason, RunState
from operations.provisioners.base import ProvisionError
from tests.operations.checks.executor.running import run_next, run_on
from tests.operations.submissions.archives import archive_of

pytestmark = pytest.mark.django_db


def fails(run: CheckRun, reason: RunReason) -> bool:
    return (run.state, run.reason, run.slot) == (RunState.FAILED, reason, None)


def test_an_archive_that_is_missing(submitted, check_runner) -> None:
    default_storage.delete(submitted.history_s3_key)
    assert fails(run_on(submitted), RunReason.NO_ARCHIVE)
    assert not list(preparation.prepared_root().iterdir())


def test_an_archive_that_is_damaged(submitted, check_runner) -> None:
    whole = archive_of({"count.py": b"x" * 5000})
    default_storage.delete(submitted.history_s3_key)
    default_storage.save(submitted.history_s3_key, io.BytesIO(whole[:40]))
    assert fails(run_on(submitted), RunReason.DAMAGED_ARCHIVE)


def test_a_challenge_whose_files_are_damaged(submitted, checked, check_runner) -> None:
    key = storage.storage_key("word-count", checked.content, ".checks/hidden/test_count.py")
    default_storage.delete(key)
    assert fails(run_on(submitted), RunReason.DAMAGED_CHALLENGE)


def test_a_version_that_is_gone(submitted, checked, check_runner) -> None:
    actions.run_again(submitted, by="ada")
    checked.delete()
    assert fails(run_next(), RunReason.NO_CHALLENGE)


def test_an_engine_that_fails_is_tried_again(submitted, check_runner) -> None:
    check_runner.outcomes["run hidden"] = ProvisionError("check", "No engine responds.")
    run = run_on(submitted)
    assert (run.state, run.attempts, run.slot) == (RunState.QUEUED, 1, None)
    assert run.due_at > now()
    del check_runner.outcomes["run hidden"]
    CheckRun.objects.update(due_at=now())
    assert run_next().all_passed


def test_an_unexpected_error_ends_the_run_with_its_reason(submitted, check_runner) -> None:
    """Not the lease, which would hold its place for a minute and blame a worker."""
    check_runner.outcomes["run hidden"] = RecursionError("a very deep folder")
    run = run_on(submitted)
    assert (run.state, run.attempts, run.slot) == (RunState.QUEUED, 1, None)
    for _ in range(queue.MAX_ATTEMPTS - 1):
        CheckRun.objects.update(due_at=now())
        run = run_next()
    assert fails(run, RunReason.UNEXPECTED)
    assert not list(preparation.prepared_root().iterdir())


def test_settings_that_do_not_allow_it(submitted, settings) -> None:
    settings.PROVISIONER = "local"
    settings.DEBUG = False
    run = run_on(submitted)
    assert fails(run, RunReason.SETTINGS)
    assert "DEBUG=true" in run.detail


def test_a_worker_that_is_stopped_gives_its_run_back(submitted, check_runner, stopping) -> None:
    run = run_on(submitted)
    assert (run.state, run.attempts, run.slot) == (RunState.QUEUED, 0, None)
    places.run_until_none_is_due()
    assert check_runner.jobs == []


def test_a_run_that_is_lost_writes_nothing(submitted, check_runner, monkeypatch) -> None:
    monkeypatch.setattr(executor, "RENEWAL_SECONDS", 0.01)

    def lose(job) -> None:
        CheckRun.objects.update(attempts=7)

    check_runner.before_run = lose
    run = run_on(submitted)
    assert (run.state, run.attempts) == (RunState.RUNNING, 7)
    assert not run.results.exists()


def test_what_an_earlier_attempt_left_is_removed_first(submitted, check_runner) -> None:
    actions.run_again(submitted, by="ada")
    run = CheckRun.objects.get()
    left = [f"{run.job_prefix}{name}" for name in ("0", "0-1", "0-archive")]
    check_runner.left = [*left, "another-1"]
    for name in check_runner.left:
        (preparation.prepared_root() / name).mkdir(parents=True)
    run_next()
    assert check_runner.removed == left
    assert [path.name for path in preparation.prepared_folders()] == ["another-1"]


def test_a_worker_that_comes_back_leaves_what_its_successor_has(submitted, check_runner) -> None:
    """It stood still before it had begun, for longer than its lease."""
    actions.run_again(submitted, by="ada")
    late = queue.acquire_run()
    assert late is not None
    CheckRun.objects.update(lease_until=now() - timedelta(seconds=1))
    current = queue.acquire_run()
    assert current is not None

    def come_back(job) -> None:
        check_runner.before_run = lambda job: None
        check_runner.left = [job.name]
        files = sorted(job.folder.rglob("*"))
        executor.run_checks(late)
        assert sorted(job.folder.rglob("*")) == files != []

    check_runner.before_run = come_back
    executor.run_checks(current)
    assert check_runner.removed == []
    done = CheckRun.objects.get()
    assert (done.state, done.attempts, done.results.count()) == (RunState.FINISHED, 2, 2)


def test_a_sweep_removes_what_no_run_has(submitted, check_runner) -> None:
    actions.run_again(submitted, by="ada")
    run = queue.acquire_run()
    assert run is not None
    mine, other = f"{run.job_prefix}0", "0123456789ab-3"
    check_runner.left = [mine, other]
    for name in (mine, other):
        (preparation.prepared_root() / name).mkdir(parents=True)
    sweep.remove_left()
    assert check_runner.left == [mine]
    assert [path.name for path in preparation.prepared_root().iterdir()] == [mine]
    CheckRun.objects.update(lease_until=now() - timedelta(seconds=1))
    sweep.remove_left()
    assert check_runner.left == []
    assert not list(preparation.prepared_root().iterdir())


def test_a_sweep_survives_an_engine_that_does_not_answer(check_runner, monkeypatch) -> None:
    def fail() -> list[str]:
        raise ProvisionError("check", "No engine responds.")

    monkeypatch.setattr(check_runner, "list_left", fail)
    (preparation.prepared_root() / "left-0").mkdir(parents=True)
    sweep.remove_left()
    assert not list(preparation.prepared_root().iterdir())


def test_a_process_does_all_that_is_due(submitted, check_runner) -> None:
    actions.run_again(submitted, by="ada")
    actions.start_trial("word-count", 2, by="ada")
    places.run_until_none_is_due()
    assert {run.state for run in CheckRun.objects.all()} == {RunState.FINISHED}
