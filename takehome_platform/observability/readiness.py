"""Whether each part answers: the cheapest question that tells. What a probe says, anybody may read.

No probe writes, and none names an address: the reason of a failure is for the log.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pynamodb.exceptions import TableDoesNotExist
from pynamodb.models import Model

from interviews import legacy
from interviews.legacy.models import Takehome
from operations.management.commands.create_tables import TABLES
from operations.sse.hub import process_hub
from operations.worker import heartbeat

# The schedule ticks every two seconds.
NO_TICK_FOR = timedelta(seconds=30)
# The statuses of a table or an index that can be read and written.
USABLE = ("ACTIVE", "UPDATING")
DISK_NEEDS = 100 * 1024 * 1024  # bytes


class NotReadyError(Exception):
    """The part answers, and cannot be used as it is: a sentence that anybody may read."""


@dataclass(frozen=True)
class Probe:
    """One part: how to look, what to say of it, and whether pages can be answered without it."""

    look: Callable[[], None]
    there: str
    away: str
    needed: bool = False


def tables() -> None:
    """Every table, and every index that a query of ours uses."""
    read: list[type[Model]] = [*TABLES, Takehome] if legacy.is_enabled() else TABLES
    missing = [name for model in read for name in _missing(model)]
    if missing:
        raise NotReadyError(
            "A table or an index is missing, or not ready: see manage.py create_tables."
        )


def _missing(model: type[Model]) -> list[str]:
    try:
        described: dict[str, Any] = model._get_connection().describe_table() or {}
    except TableDoesNotExist:
        described = {}
    if described.get("TableStatus") not in USABLE:
        return [model.Meta.table_name]
    ready = {
        index["IndexName"]
        for index in described.get("GlobalSecondaryIndexes", [])
        if index.get("IndexStatus", "ACTIVE") in USABLE
    }
    return [i.Meta.index_name for i in model._indexes.values() if i.Meta.index_name not in ready]


def database() -> None:
    """Users and sessions, with every migration of this version applied."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReadyError("The database waits for a migration: run manage.py migrate.")


def redis() -> None:
    heartbeat.client().ping()


def files() -> None:
    """The bucket, or the folder and room on its disk."""
    if isinstance(default_storage, FileSystemStorage):
        _folder(Path(default_storage.location))
    else:
        client = default_storage.connection.meta.client  # type: ignore[attr-defined]
        client.head_bucket(Bucket=settings.FILES_BUCKET)


def _folder(wanted: Path) -> None:
    # It is made when the first file is saved.
    folder = next(path for path in (wanted, *wanted.parents) if path.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotReadyError("The folder for files cannot be written.")
    if shutil.disk_usage(folder).free < DISK_NEEDS:
        raise NotReadyError("The disk for files is full.")


def stream() -> None:
    if process_hub().is_down:
        raise NotReadyError(
            "Events do not reach this process: pages show what is new when reloaded."
        )


def worker() -> None:
    """A tick is done when the timer, the broker and a worker all do their part."""
    last = heartbeat.last_heartbeat()
    if last is None or last < datetime.now(UTC) - NO_TICK_FOR:
        raise NotReadyError("No worker has ticked lately: nothing starts or ends by itself.")


PROBES = {
    "tables": Probe(
        tables, "Every table and index is there.", "The tables do not answer.", needed=True
    ),
    "database": Probe(
        database,
        "The database answers, and its migrations are applied.",
        "The database does not answer.",
        needed=True,
    ),
    "redis": Probe(redis, "Redis answers.", "Redis does not answer."),
    "files": Probe(files, "The store for files is there.", "The store for files does not answer."),
    "stream": Probe(stream, "Events reach this process.", "The stream cannot be looked at."),
    "worker": Probe(worker, "A worker ticks.", "Whether a worker ticks cannot be told."),
}
