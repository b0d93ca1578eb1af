"""Archives are verified after each write to the storage."""

import errno
import hashlib

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from interviews.lifecycle import EndReason, Status
from operations import actions, archive
from tests.conftest import run_until_idle


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


def test_storage_with_other_bytes_is_an_error(tmp_path, monkeypatch):
    path = tmp_path / "files.tar.gz"
    path.write_bytes(b"whole")
    save = default_storage.save
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", lambda key, _: save(key, ContentFile(b"wHole")))
        with pytest.raises(archive.ArchiveNotStoredError):
            archive.store_archive(path, "archives/takehome-1/op-1.tar.gz")


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
        "The store did not take the files; the worker's log says why.",
    )
    assert why in caplog.text


def test_storage_error_of_a_fetch_is_in_the_log(running, monkeypatch, caplog, tmp_path):
    running.history_s3_key = "archives/takehome-1/op-1.tar.gz"
    monkeypatch.setattr(FileSystemStorage, "open", forbidden)
    with pytest.raises(
        archive.ArchiveNotStoredError, match="The store of the saved files does not answer"
    ):
        archive.fetch_archive(running, tmp_path / "files.tar.gz")
    assert "(AccessDenied)" in caplog.text
