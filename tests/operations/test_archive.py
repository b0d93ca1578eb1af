"""Files in the store: believed only when the store confirms."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from operations import archive


def test_store_returns_what_the_store_holds(tmp_path):
    path = tmp_path / "files.tar.gz"
    path.write_bytes(b"x" * 3_000_000)
    stored = archive.store(path, archive.key_of("takehome-1", "op-1"))
    assert stored.key == "archives/takehome-1/op-1.tar.gz"
    assert stored.bytes == 3_000_000
    assert stored.sha256 == hashlib.sha256(b"x" * 3_000_000).hexdigest()


def test_store_again_after_a_crash_leaves_one_whole_file(tmp_path):
    path = tmp_path / "files.tar.gz"
    path.write_bytes(b"whole")
    default_storage.save("archives/takehome-1/op-1.tar.gz", ContentFile(b"half of somethi"))
    stored = archive.store(path, "archives/takehome-1/op-1.tar.gz")
    with default_storage.open(stored.key) as file:
        assert file.read() == b"whole"
    assert default_storage.listdir("archives/takehome-1")[1] == ["op-1.tar.gz"]


def test_store_that_keeps_other_bytes_is_not_believed(tmp_path, monkeypatch):
    path = tmp_path / "files.tar.gz"
    path.write_bytes(b"whole")
    save = default_storage.save
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", lambda key, _: save(key, ContentFile(b"wHole")))
        with pytest.raises(archive.NotStored):
            archive.store(path, "archives/takehome-1/op-1.tar.gz")
