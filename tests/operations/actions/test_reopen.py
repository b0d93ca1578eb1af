"""Reopening a completed test with its saved files."""

import tarfile
import threading
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.indexes import EarlierArchive
from interviews.lifecycle import EndReason, Status
from interviews.sittings import MAX_SITTINGS, sittings_of, time_in_workspace
from operations import actions
from operations.archives import archive
from operations.exceptions import InvalidInputError, WrongStateError
from operations.worker import handler, runner
from tests.conftest import fresh, run_until_idle
from tests.fakes import BlocksProvision, Broken, CannotSave, FakeProvisioner


@pytest.fixture
def ended(running, engine):
    engine.running[running.id]["answer.py"] = b"42\n"
    actions.submit(running, by="candidate")
    return run_until_idle(running)


def test_reopened_test_has_the_saved_files_and_not_those_of_the_challenge(ended, engine):
    actions.reopen(ended, 20, by="recruiter")
    row = run_until_idle(ended)
    assert row.status == "active"
    assert engine.running[f"{ended.id}-2"]["answer.py"] == b"42\n"
    assert engine.specs[-1].files == {}
    assert row.auto_destroy_at - row.ready_at == timedelta(minutes=20)
    assert (row.list_key, row.ttl, row.completed_at, row.end_reason) == (
        "take-home",
        None,
        None,
        None,
    )


def test_reopening_keeps_the_first_end_in_the_timeline(ended):
    actions.reopen(ended, 20, by="recruiter")
    entries = [(moment.status, moment.what) for moment in fresh(ended).timeline[-3:]]
    assert entries == [("destroying", None), ("completed", None), ("activated", "reopened")]
    assert fresh(ended).timeline[-1].seconds == 1200


def test_each_sitting_keeps_its_start_its_end_its_minutes_and_how_it_ended(ended, engine):
    before, ended_at = sittings_of(ended), ended.completed_at
    actions.reopen(ended, 20, by="recruiter")
    again = run_until_idle(ended)
    assert sittings_of(again)[:1] == before
    assert (before[0].started_at, before[0].ended_at) == (ended.activated_at, ended_at)
    assert (before[0].length, before[0].end_reason) == (timedelta(minutes=60), "submitted")
    actions.end(again, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    first, second = sittings_of(run_until_idle(ended))
    assert first == before[0]
    assert (second.length, second.end_reason) == (timedelta(minutes=20), "ended_by_staff")
    actions.reopen(fresh(ended), 5, by="recruiter")
    assert [each.number for each in fresh(ended).sittings] == [1, 2]
    assert sittings_of(fresh(ended))[:2] == [first, second]


def test_time_of_a_pause_at_the_first_end_is_not_counted_later(ended):
    ended.change(paused_at=ended.timeline[-2].at - timedelta(minutes=7))
    ended.timeline[4].at = ended.timeline[-2].at - timedelta(minutes=10)
    ended.save()
    actions.reopen(fresh(ended), 20, by="recruiter")
    assert time_in_workspace(fresh(ended)) == timedelta(minutes=3)


def test_sittings_are_bounded(ended):
    ended.change(reopened=MAX_SITTINGS - 1, archive_of=MAX_SITTINGS - 1)
    with pytest.raises(WrongStateError, match="sittings at most"):
        actions.reopen(fresh(ended), 20, by="recruiter")
    ended.change(reopened=MAX_SITTINGS - 2)
    actions.reopen(fresh(ended), 20, by="recruiter")
    assert len(fresh(ended).sittings) == MAX_SITTINGS - 1


def test_files_belong_to_the_sitting_that_saved_them(ended, engine):
    """The second saves none: its workspace is never ready."""
    actions.reopen(ended, 20, by="recruiter")
    actions.end(fresh(ended), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    actions.reopen(run_until_idle(ended), 20, by="recruiter")
    run_until_idle(ended)
    actions.submit(fresh(ended), by="candidate")
    row = run_until_idle(ended)
    of_sittings = archive.archives_of_sittings(row)
    assert {number: [place for place, _ in files] for number, files in of_sittings.items()} == {
        1: [0],
        3: [1],
    }


def test_files_of_a_row_without_numbers_belong_to_the_sitting_of_their_time(ended):
    actions.reopen(ended, 20, by="recruiter")
    row = fresh(ended)
    reopened_at = row.timeline[-1].at
    row.earlier_archives = [
        EarlierArchive(key="first", at=reopened_at - timedelta(minutes=1)),
        EarlierArchive(key="second", at=reopened_at + timedelta(minutes=1)),
        EarlierArchive(key="unknown"),
    ]
    row.history_s3_key = None
    found = archive.archives_of_sittings(row)
    assert {number: [each.key for _, each in some] for number, some in found.items()} == {
        1: ["first"],
        2: ["second"],
    }


def test_second_end_saves_again_and_keeps_the_first_archive(ended, engine):
    first = ended.history_s3_key
    actions.reopen(ended, 20, by="recruiter")
    run_until_idle(ended)
    engine.running[f"{ended.id}-2"]["answer.py"] = b"43\n"
    actions.end(fresh(ended), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    row = run_until_idle(ended)
    assert row.status == "completed"
    assert [each.key for each in row.earlier_archives] == [first]
    # A worker that repeats this teardown does not save again.
    assert row.is_saved
    for key, name, content in (
        (first, ended.id, b"42\n"),
        (row.history_s3_key, f"{ended.id}-2", b"43\n"),
    ):
        with default_storage.open(key) as stored, tarfile.open(fileobj=stored) as saved:
            assert saved.extractfile(f"{name}/answer.py").read() == content


def test_reopen_twice_returns_the_same_operation(ended):
    operation_id = actions.reopen(ended, 20, by="recruiter")
    assert actions.reopen(fresh(ended), 20, by="colleague") == operation_id


def test_reopened_test_that_was_never_ready_keeps_its_archive(ended):
    first = ended.history_s3_key
    assert first
    actions.reopen(ended, 20, by="recruiter")
    actions.end(fresh(ended), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    row = run_until_idle(ended)
    assert (row.status, row.history_s3_key) == ("completed", first)
    assert list(row.earlier_archives) == []


def test_test_can_be_reopened_twice(ended, engine):
    for _ in range(2):
        actions.reopen(fresh(ended), 20, by="recruiter")
        run_until_idle(ended)
        actions.end(fresh(ended), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
        run_until_idle(ended)
    row = fresh(ended)
    assert (int(row.reopened), len(row.earlier_archives)) == (2, 2)


def test_extension_of_the_first_opening_does_not_count_again(running, engine):
    actions.extend(running, 60, by="recruiter")
    actions.submit(fresh(running), by="candidate")
    row = run_until_idle(running)
    actions.reopen(row, 20, by="recruiter")
    assert fresh(row).length == timedelta(minutes=20)


def test_lost_archive_is_reported_and_the_start_can_be_retried(ended, engine):
    with default_storage.open(ended.history_s3_key) as file:
        content = file.read()
    default_storage.delete(ended.history_s3_key)
    actions.reopen(ended, 20, by="recruiter")
    row = run_until_idle(ended)
    assert row.status == "error"
    assert row.problem == "The saved files are missing from the store."
    with default_storage.open(ended.history_s3_key, "wb") as file:
        file.write(content)
    actions.retry(row, by="recruiter")
    assert run_until_idle(row).status == "active"


def test_damaged_archive_is_not_used(ended):
    with default_storage.open(ended.history_s3_key, "wb") as file:
        file.write(b"something else")
    actions.reopen(ended, 20, by="recruiter")
    assert run_until_idle(ended).problem.startswith("The saved files in the store were changed")


@pytest.mark.parametrize("minutes", [0, -5, 481, 10**9])
def test_minutes_out_of_range_are_rejected(ended, minutes):
    with pytest.raises(InvalidInputError) as raised:
        actions.reopen(ended, minutes, by="recruiter")
    assert raised.value.field == "minutes"
    assert fresh(ended).status == "completed"


@pytest.mark.django_db
def test_test_without_saved_files_cannot_be_reopened(running, use_engine):
    use_engine(CannotSave())
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF, save=False)
    row = run_until_idle(running)
    assert row.status == "completed"
    with pytest.raises(WrongStateError, match="saved files"):
        actions.reopen(row, 20, by="recruiter")


def test_revoked_test_cannot_be_reopened(running):
    actions.revoke(running, by="recruiter")
    with pytest.raises(WrongStateError):
        actions.reopen(run_until_idle(running), 20, by="recruiter")


def test_late_teardown_does_not_destroy_the_next_opening(ended, engine):
    """Its worker stalled until another one had finished and staff had reopened the test."""
    late = handler.workspace_of(ended)
    actions.reopen(ended, 20, by="recruiter")
    run_until_idle(ended)
    engine.destroy(late, lambda line: None)
    assert list(engine.running) == [f"{ended.id}-2"]


def test_late_create_is_cleaned_up_and_leaves_the_next_opening_alone(invite, use_engine):
    engine = use_engine(BlocksProvision())
    interview = invite()
    operation_id = actions.activate(interview, by="candidate")
    late = threading.Thread(target=runner.run_operation, args=[operation_id])
    late.start()
    assert engine.entered.wait(20)
    # The lease is lost, and the test has ended and is reopened before the engine answers.
    row = fresh(interview)
    row.move_to(Status.DESTROYING, by="recruiter", operation_id="gone")
    saved = {"history_s3_key": "archives/x", "ready_at": now()}
    row.move_to(Status.COMPLETED, by="worker", operation_id=None, **saved)
    actions.reopen(fresh(interview), 20, by="recruiter")
    engine.release.set()
    late.join(20)
    assert engine.running == {}
    assert engine.destroyed == [interview.id]


def test_reopening_is_no_restart(running):
    running.change(restarting=True)
    actions.submit(fresh(running), by="candidate")
    actions.reopen(run_until_idle(running), 20, by="recruiter")
    assert fresh(running).restarting is None


@pytest.mark.parametrize("is_ready", [False, True])
def test_late_end_of_the_first_opening_does_not_end_the_second(running, engine, is_ready):
    read_before = fresh(running)
    actions.submit(running, by="candidate")
    actions.reopen(run_until_idle(running), 20, by="recruiter")
    if is_ready:
        run_until_idle(running)
    status = fresh(running).state
    with pytest.raises(WrongStateError, match="Reload and try again"):
        actions.submit(read_before, by="candidate")
    assert fresh(running).state is status


def test_late_extension_of_the_first_opening_leaves_the_second_alone(running, engine):
    read_before = fresh(running)
    actions.submit(running, by="candidate")
    actions.reopen(run_until_idle(running), 20, by="recruiter")
    again = run_until_idle(running)
    with pytest.raises(WrongStateError, match="Reload and try again"):
        actions.extend(read_before, 15, by="colleague")
    assert fresh(running).auto_destroy_at == again.auto_destroy_at


def test_late_reopening_does_not_open_it_a_third_time(ended, engine):
    read_before = fresh(ended)
    actions.reopen(ended, 20, by="recruiter")
    run_until_idle(ended)
    actions.submit(fresh(ended), by="candidate")
    run_until_idle(ended)
    with pytest.raises(WrongStateError, match="Reload and try again"):
        actions.reopen(read_before, 20, by="colleague")
    assert (fresh(ended).state, fresh(ended).reopened) == (Status.COMPLETED, 1)


def test_second_of_two_reopenings_at_once_is_told_that_its_minutes_do_not_count(ended):
    read_before = fresh(ended)
    actions.reopen(ended, 20, by="recruiter")
    with pytest.raises(WrongStateError, match="Reload and try again"):
        actions.reopen(read_before, 60, by="colleague")
    assert fresh(ended).length == timedelta(minutes=20)


def test_late_revocation_of_the_first_opening_revokes_the_second(running, engine):
    read_before = fresh(running)
    actions.submit(running, by="candidate")
    actions.reopen(run_until_idle(running), 20, by="recruiter")
    actions.revoke(read_before, by="recruiter")
    assert run_until_idle(running).state is Status.REVOKED


def test_late_retry_of_the_first_opening_leaves_the_second_alone(take_home, use_engine):
    use_engine(Broken())
    actions.activate(take_home, by="candidate")
    read_before = run_until_idle(take_home)
    use_engine(FakeProvisioner())
    actions.retry(fresh(take_home), by="recruiter")
    actions.submit(run_until_idle(take_home), by="candidate")
    ended = run_until_idle(take_home)
    use_engine(Broken())
    actions.reopen(ended, 20, by="recruiter")
    failed = run_until_idle(ended)
    assert (read_before.state, failed.state) == (Status.ERROR, Status.ERROR)
    with pytest.raises(WrongStateError, match="Reload and try again"):
        actions.retry(read_before, by="colleague")
    assert fresh(ended).state is Status.ERROR
