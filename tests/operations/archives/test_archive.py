"""Archives are verified after each write to the storage."""

import errno
import hashlib
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from pynamodb.exceptions import UpdateError

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview, StaleWriteError
from operations import actions
from operations.archives import archive
from operations.models import LeaseLostError, Operation
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle


def test_store_returns_the_stored_key_and_digest(tmp_path):
    path = tmp_path / "files.tar.gz"
    path.write_bytes(b"x" * 3_000_000)
    stored = archive.store_archive(path, archive.archive_key("takehome-1", "op-1"))
    assert stored.key == "archives/takehome-1/op-1.tar.gz"
    assert stored.bytes == 3_000_000
    assert stored.sha256 == hashlib.sha256(b"x" * 3_000_000).hexdigest()


def test_store_again_after_a_crash_leaves_one_complete_file(tmp_path):
    path = tmp_path / "files.tar.gz"
    path.write_bytes(b"whole")
    default_storage.save("archives/takehome-1/op-1.tar.gz", ContentFile(b"half of somethi"))
    stored = archive.store_archive(path, "archives/takehome-1/op-1.tar.gz")
    with default_storage.open(stored.key) as file:
        assert file.read() == b"whole"
    assert default_storage.listdir("archives/takehome-1")[1] == ["op-1.tar.gz"]


def test_storage_with_other_bytes_is_an_error_and_keeps_none(tmp_path, monkeypatch):
    path = tmp_path / "files.tar.gz"
    path.write_bytes(b"whole")
    save = default_storage.save
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", lambda key, _: save(key, ContentFile(b"wHole")))
        with pytest.raises(archive.ArchiveNotStoredError):
            archive.store_archive(path, "archives/takehome-1/op-1.tar.gz")
    assert default_storage.listdir("archives/takehome-1")[1] == []


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def forbidden(*_, **__):
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "PutObject")


@pytest.mark.parametrize(
    ("refuses", "why"), [(full, "No space left on device"), (forbidden, "(AccessDenied)")]
)
def test_storage_error_of_a_save_is_in_the_log(running, monkeypatch, caplog, refuses, why):
    """Staff see only that saving failed; the log has the reason for the operator."""
    monkeypatch.setattr(FileSystemStorage, "save", refuses)
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    row = run_until_idle(running)
    assert (row.state, row.problem) == (
        Status.DESTROYING,
        "The files couldn't be stored. See the worker's log.",
    )
    assert why in caplog.text


def test_storage_error_of_a_fetch_is_in_the_log(running, monkeypatch, caplog, tmp_path):
    running.history_s3_key = "archives/takehome-1/op-1.tar.gz"
    monkeypatch.setattr(FileSystemStorage, "open", forbidden)
    with pytest.raises(archive.ArchiveNotStoredError, match="The file store isn't responding"):
        archive.fetch_archive(running, tmp_path / "files.tar.gz")
    assert "(AccessDenied)" in caplog.text


def archives_of(interview):
    return sorted(default_storage.listdir(f"archives/{interview.id}")[1])


def test_half_an_archive_is_deleted_when_the_storage_is_full(tmp_path, monkeypatch):
    path = tmp_path / "files.tar.gz"
    path.write_bytes(b"whole")
    save = default_storage.save

    def save_half(key, content):
        save(key, ContentFile(b"wh"))
        full()

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", save_half)
        with pytest.raises(archive.ArchiveNotStoredError):
            archive.store_archive(path, "archives/takehome-1/op-1.tar.gz")
    assert default_storage.listdir("archives/takehome-1")[1] == []


def test_copies_of_attempts_that_lost_the_tables_go_with_the_end(running, monkeypatch):
    change = Interview.change
    failures = 2

    def lose_the_tables(self, **changes):
        nonlocal failures
        if "history_s3_key" in changes and failures:
            failures -= 1
            raise UpdateError("the tables do not answer")
        change(self, **changes)

    monkeypatch.setattr(Interview, "change", lose_the_tables)
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    operation = operation_of(running)
    for attempt in (1, 2):
        runner.run_operation(operation.id)
        # The row may have its key after all: only the answer may be lost.
        assert len(archives_of(running)) == attempt
        operation.refresh()
        operation.update(actions=[Operation.lease_until.set(now() - timedelta(seconds=1))])
    row = run_until_idle(running)
    assert row.state is Status.COMPLETED
    assert archives_of(row) == [row.history_s3_key.rpartition("/")[2]]


def test_copies_go_as_well_if_the_end_was_written_and_its_operation_was_not_closed(
    running, monkeypatch, enqueued
):
    change, succeed = Interview.change, Operation.succeed
    refused: list[str] = []

    def refuse_change(self, **changes):
        if "history_s3_key" in changes and "change" not in refused:
            refused.append("change")
            raise StaleWriteError(self.id)
        change(self, **changes)

    def refuse_succeed(self, token):
        if "succeed" not in refused:
            refused.append("succeed")
            raise LeaseLostError(self.id)
        succeed(self, token)

    monkeypatch.setattr(Interview, "change", refuse_change)
    monkeypatch.setattr(Operation, "succeed", refuse_succeed)
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    operation = operation_of(running)
    runner.run_operation(operation.id)
    runner.run_operation(operation.id)
    assert refused == ["change", "succeed"]
    row = fresh(running)
    assert row.state is Status.COMPLETED
    assert len(archives_of(row)) == 2
    enqueued.clear()
    run_until_idle(row)
    assert archives_of(row) == [row.history_s3_key.rpartition("/")[2]]
    assert row.id in [argument for _, argument in enqueued]


def test_copies_of_an_earlier_opening_and_its_archive_stay(running):
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    first = run_until_idle(running)
    actions.reopen(first, 30, by="recruiter")
    again = run_until_idle(first)
    actions.end(again, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    again = run_until_idle(again)
    assert len(archives_of(again)) == 2


def test_storage_that_fails_while_copies_are_deleted_does_not_keep_a_test_from_ending(
    running, monkeypatch, caplog
):
    monkeypatch.setattr(FileSystemStorage, "listdir", forbidden)
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    assert run_until_idle(running).state is Status.COMPLETED
    assert "archive_copies_not_deleted" in caplog.text
