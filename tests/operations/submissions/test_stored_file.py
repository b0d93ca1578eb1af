"""Of an S3 store, only the ranges that are read are fetched."""

import io
import random
import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from moto import mock_aws

from operations.submissions import service
from operations.submissions.index_cache import IndexCache, indexes
from operations.submissions.stored_file import READ_AHEAD_BYTES, open_stored
from tests.conftest import fresh
from tests.operations.submissions.archives import archive_of, save_archive


@pytest.fixture
def fetched(settings, monkeypatch):
    """An S3 store in this process; the ranges that were asked of it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    backend = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": "takehome-files", "region_name": "us-east-1"},
    }
    settings.STORAGES = settings.STORAGES | {"default": backend}
    ranges = []
    indexes.clear()
    with mock_aws():
        client = storages["default"].connection.meta.client
        client.create_bucket(Bucket="takehome-files")
        client.meta.events.register(
            "provide-client-params.s3.GetObject",
            lambda params, **_: ranges.append(params.get("Range", "all")),
        )
        yield ranges


def size_of(ranges):
    parts = [re.fullmatch(r"bytes=(\d+)-(\d+)", each) for each in ranges]
    return sum(int(each[2]) - int(each[1]) + 1 for each in parts)


def test_one_file_costs_a_part_of_the_archive(take_home, fetched):
    noise = random.Random(1)
    files = {f"f{number}": noise.randbytes(900_000) for number in range(9)}
    save_archive(take_home, archive_of(files))
    with service.open_submission(fresh(take_home), 0) as submission:
        file = submission.file(b"f7")
        fetched.clear()
        assert submission.content(file, 1000) == files["f7"][:1000]
        # From the point before it, 512 KB apart, and what is read ahead.
        assert 0 < size_of(fetched) < 1024 * 1024


def test_small_file_of_an_archive_takes_one_request(take_home, fetched):
    noise = random.Random(1)
    files = {f"f{number}": bytes(noise.choices(b"0123456789", k=9_000)) for number in range(400)}
    save_archive(take_home, archive_of(files))
    service.open_submission(fresh(take_home), 0).close()
    asked = []
    for name in random.Random(2).sample(list(files), 20):
        with service.open_submission(fresh(take_home), 0) as submission:
            fetched.clear()
            file = submission.file(name.encode())
            assert submission.content(file, file.size) == files[name]
            asked.append(len(fetched))
    # Points are within a byte, mostly. Two are asked for where the file is far from its point.
    assert asked.count(1) >= 15
    assert max(asked) <= 2


def test_index_is_fetched_once(take_home, fetched):
    save_archive(take_home, archive_of({"a.py": b"1", "b.py": b"2"}))
    for _ in range(3):
        with service.open_submission(fresh(take_home), 0) as submission:
            assert submission.file(b"a.py").size == 1
    # The archive is read by ranges.
    assert fetched.count("all") == 1


def test_index_that_is_gone_or_another_is_not_served_from_memory(take_home, fetched):
    save_archive(take_home, archive_of({"a.py": b"1"}))
    interview = fresh(take_home)
    service.open_submission(interview, 0).close()
    service.delete_index(interview, 0)
    key = service._index_key(interview, service.archive_keys(interview)[0])
    with pytest.raises(FileNotFoundError):
        indexes.read(key)
    default_storage.save(key, ContentFile(b"another"))
    assert indexes.read(key) == b"another"


def test_indexes_in_memory_are_bounded(fetched):
    cache = IndexCache(max_bytes=25)
    for name in ("a", "b", "c"):
        default_storage.save(name, ContentFile(name.encode() * 10))
    default_storage.save("long", ContentFile(b"x" * 26))
    for name in ("a", "b", "a", "c", "a", "long"):
        cache.read(name)
    assert len(fetched) == 4
    # "b" was read the longest ago when there was no room for "c".
    fetched.clear()
    for name, times in (("a", 0), ("c", 0), ("long", 1), ("b", 2)):
        assert len(cache.read(name)) >= 10
        assert len(fetched) == times


def test_object_can_be_read_at_any_place(fetched):
    default_storage.save("x", ContentFile(bytes(range(256)) * 4096))
    with open_stored("x") as file:
        file.seek(700_001)
        assert file.read(3) == bytes([97, 98, 99])
        assert size_of(fetched) <= READ_AHEAD_BYTES
        assert file.seek(-1, io.SEEK_END) == 256 * 4096 - 1
        assert file.read() == b"\xff"
        assert file.read(9) == b""


def test_object_that_is_not_there_is_not_found(fetched):
    with pytest.raises(FileNotFoundError):
        open_stored("x")
