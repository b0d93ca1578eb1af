"""How each part is looked at, and what is found when something is missing."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from moto import mock_aws
from pynamodb.exceptions import PynamoDBConnectionError
from redis import Redis, RedisError

from interviews.models import Interview
from operations.operation_log import OperationLog
from operations.worker import heartbeat
from takehome_platform.observability import readiness
from takehome_platform.observability.readiness import NotReadyError


@pytest.fixture
def redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Redis:
    client = Redis.from_url(redis_url)
    client.flushall()
    monkeypatch.setattr(heartbeat, "client", lambda: client)
    return client


# -- tables ----------------------------------------------------------------------------------------


def test_tables_with_their_indexes_are_there(tables: None) -> None:
    readiness.check_tables()


def test_tables_of_a_real_server_are_there(real_tables: None) -> None:
    readiness.check_tables()


def test_a_table_that_was_never_made_is_missed(tables: None) -> None:
    OperationLog.delete_table()
    with pytest.raises(NotReadyError, match="create_tables"):
        readiness.check_tables()


def test_tables_that_cannot_be_reached_fail(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise PynamoDBConnectionError("refused")

    monkeypatch.setattr(type(Interview._get_connection()), "describe_table", refuse)
    with pytest.raises(PynamoDBConnectionError):
        readiness.check_tables()


def test_an_index_that_was_never_made_is_missed(
    tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = Interview._get_connection().describe_table()
    assert described is not None
    one_less = {**described, "GlobalSecondaryIndexes": described["GlobalSecondaryIndexes"][1:]}
    monkeypatch.setattr(type(Interview._get_connection()), "describe_table", lambda self: one_less)
    with pytest.raises(NotReadyError, match="create_tables"):
        readiness.check_tables()


def test_an_index_that_is_being_filled_is_missed(
    tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = Interview._get_connection().describe_table()
    assert described is not None
    first, *others = described["GlobalSecondaryIndexes"]
    filling = {
        **described,
        "GlobalSecondaryIndexes": [{**first, "IndexStatus": "CREATING"}, *others],
    }
    monkeypatch.setattr(type(Interview._get_connection()), "describe_table", lambda self: filling)
    with pytest.raises(NotReadyError, match="not ready"):
        readiness.check_tables()


# -- the SQL database ------------------------------------------------------------------------------


def test_database_with_its_migrations_is_there(db: None) -> None:
    readiness.check_database()


def test_a_migration_that_waits_is_told(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    with pytest.raises(NotReadyError, match=r"manage\.py migrate"):
        readiness.check_database()


# -- Redis, and the worker -------------------------------------------------------------------------


def test_redis_that_answers_is_there(redis: Redis) -> None:
    readiness.check_redis()


def test_redis_that_does_not_answer_fails_within_a_moment() -> None:
    heartbeat.client.cache_clear()
    began = time.monotonic()
    with pytest.raises(RedisError):
        readiness.check_redis()
    assert time.monotonic() - began < 2


def test_a_worker_that_ticked_is_there(redis: Redis) -> None:
    heartbeat.record_heartbeat()
    readiness.check_worker()


def test_a_worker_that_never_ticked_is_missed(redis: Redis) -> None:
    with pytest.raises(NotReadyError, match="No worker"):
        readiness.check_worker()


def test_a_worker_whose_tick_is_old_is_missed(redis: Redis) -> None:
    redis.set("heartbeat", int((time.time() - 31) * 1000))
    with pytest.raises(NotReadyError, match="No worker"):
        readiness.check_worker()


# -- the store for files ---------------------------------------------------------------------------


def test_a_folder_that_will_be_made_is_there_and_is_not_made(files: Path) -> None:
    readiness.check_files()
    assert not files.exists()


def test_a_folder_that_is_a_file_is_missed(files: Path) -> None:
    files.write_text("")
    files.chmod(0o600)
    with pytest.raises(NotReadyError, match="cannot be written"):
        readiness.check_files()


def test_a_full_disk_is_told(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "MIN_FREE_BYTES", 1 << 62)
    with pytest.raises(NotReadyError, match="full"):
        readiness.check_files()


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A store in S3, in this process; the bucket is not there yet."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    settings.FILES_BUCKET = "takehome-files"
    backend = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": "takehome-files", "region_name": "us-east-1"},
    }
    settings.STORAGES = settings.STORAGES | {"default": backend}
    with mock_aws():
        store: Any = storages["default"]
        yield store.connection.meta.client


def test_a_bucket_is_there(bucket: Any) -> None:
    bucket.create_bucket(Bucket="takehome-files")
    readiness.check_files()


def test_a_bucket_that_was_never_made_is_missed(bucket: Any, settings: Any) -> None:
    settings.FILES_BUCKET = "never-made"
    with pytest.raises(bucket.exceptions.ClientError):
        readiness.check_files()


# -- the stream ------------------------------------------------------------------------------------


class Hub:
    def __init__(self, *, is_down: bool) -> None:
        self.is_down = is_down


def test_a_reader_that_reads_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "process_hub", lambda: Hub(is_down=False))
    readiness.check_stream()


def test_a_reader_that_cannot_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "process_hub", lambda: Hub(is_down=True))
    with pytest.raises(NotReadyError, match="Events"):
        readiness.check_stream()
