"""The readiness check of each part, while it works and while it does not."""

import socket
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from moto import mock_aws
from pynamodb.exceptions import PynamoDBConnectionError
from redis import Redis, RedisError
from redis import TimeoutError as RedisTimeoutError

from interviews.models import Interview
from operations.operation_log import OperationLog
from operations.queue.routing import TaskQueue
from operations.worker import heartbeat
from takehome_platform.observability import readiness
from takehome_platform.observability.readiness import NotReadyError

# -- tables ----------------------------------------------------------------------------------------


def test_tables_with_their_indexes_are_ready(tables: None) -> None:
    readiness.check_tables()


def test_tables_of_a_real_server_are_ready(real_tables: None) -> None:
    readiness.check_tables()


def test_missing_table_is_not_ready(tables: None) -> None:
    OperationLog.delete_table()
    with pytest.raises(NotReadyError, match="create_tables"):
        readiness.check_tables()


def test_unreachable_tables_raise(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise PynamoDBConnectionError("refused")

    monkeypatch.setattr(type(Interview._get_connection()), "describe_table", refuse)
    with pytest.raises(PynamoDBConnectionError):
        readiness.check_tables()


def test_missing_index_is_not_ready(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    described = Interview._get_connection().describe_table()
    assert described is not None
    one_less = {**described, "GlobalSecondaryIndexes": described["GlobalSecondaryIndexes"][1:]}
    monkeypatch.setattr(type(Interview._get_connection()), "describe_table", lambda self: one_less)
    with pytest.raises(NotReadyError, match="create_tables"):
        readiness.check_tables()


def test_index_that_is_being_filled_is_not_ready(
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


def test_database_with_all_migrations_is_ready(db: None) -> None:
    readiness.check_database()


def test_missing_migration_is_not_ready(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    with pytest.raises(NotReadyError, match=r"manage\.py migrate"):
        readiness.check_database()


# -- Redis, and the worker -------------------------------------------------------------------------


def test_redis_that_answers_is_ready(redis: Redis) -> None:
    readiness.check_redis()


def test_redis_that_refuses_raises() -> None:
    heartbeat.client.cache_clear()
    with pytest.raises(RedisError):
        readiness.check_redis()


def test_redis_that_does_not_answer_raises_at_the_first_time_out(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        heartbeat.client.cache_clear()
        with pytest.raises(RedisTimeoutError):
            readiness.check_redis()
        silent.setblocking(False)
        silent.accept()[0].close()
        # It does not try a second time, for which no health check would wait.
        with pytest.raises(BlockingIOError):
            silent.accept()
    heartbeat.client.cache_clear()


def test_workers_of_ends_and_starts_are_ready(redis: Redis) -> None:
    heartbeat.record_heartbeat()
    heartbeat.record_heartbeat(TaskQueue.STARTS)
    readiness.check_worker()


def test_no_worker_of_starts_is_reported(redis: Redis) -> None:
    heartbeat.record_heartbeat()
    with pytest.raises(NotReadyError, match="No worker takes starts"):
        readiness.check_worker()
    redis.set("heartbeat:starts", int((time.time() - 31) * 1000))
    with pytest.raises(NotReadyError, match="No worker takes starts"):
        readiness.check_worker()


def test_worker_without_a_tick_is_not_ready(redis: Redis) -> None:
    heartbeat.record_heartbeat(TaskQueue.STARTS)
    with pytest.raises(NotReadyError, match="No worker has ticked"):
        readiness.check_worker()


def test_worker_with_an_old_tick_is_not_ready(redis: Redis) -> None:
    redis.set("heartbeat", int((time.time() - 31) * 1000))
    with pytest.raises(NotReadyError, match="No worker"):
        readiness.check_worker()


# -- the store for files ---------------------------------------------------------------------------


def test_folder_that_can_be_created_is_ready_and_not_created(files: Path) -> None:
    readiness.check_files()
    assert not files.exists()


def test_folder_that_is_a_file_is_not_ready(files: Path) -> None:
    files.write_text("")
    files.chmod(0o600)
    with pytest.raises(NotReadyError, match="can't be written"):
        readiness.check_files()


def test_full_disk_is_not_ready(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "MIN_FREE_BYTES", 1 << 62)
    with pytest.raises(NotReadyError, match="full"):
        readiness.check_files()


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An S3 storage in this process whose bucket does not exist yet."""
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


def test_existing_bucket_is_ready(bucket: Any) -> None:
    bucket.create_bucket(Bucket="takehome-files")
    readiness.check_files()


def test_missing_bucket_raises(bucket: Any, settings: Any) -> None:
    settings.FILES_BUCKET = "never-made"
    with pytest.raises(bucket.exceptions.ClientError):
        readiness.check_files()


# -- the stream ------------------------------------------------------------------------------------


class Hub:
    def __init__(self, *, is_down: bool) -> None:
        self.is_down = is_down


def test_stream_that_is_read_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "process_hub", lambda: Hub(is_down=False))
    readiness.check_stream()


def test_stream_that_cannot_be_read_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "process_hub", lambda: Hub(is_down=True))
    with pytest.raises(NotReadyError, match="Events"):
        readiness.check_stream()
