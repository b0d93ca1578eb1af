"""The readiness checks of /readyz: one for each part that the platform needs.

A check uses the cheapest request that shows whether the part works. It writes nothing, and its
messages are public: the reason of a failure goes to the log.
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
from operations.queue.routing import TaskQueue
from operations.sse.hub import process_hub
from operations.worker import heartbeat

# The reconciler ticks every two seconds.
MAX_TICK_AGE = timedelta(seconds=30)
# The statuses of a table or an index that can be read and written.
USABLE_STATUSES = ("ACTIVE", "UPDATING")
MIN_FREE_BYTES = 100 * 1024 * 1024


class NotReadyError(Exception):
    """The part answers but cannot be used; the message is public."""


@dataclass(frozen=True)
class ReadinessCheck:
    """`run` raises if the part cannot be used; pages need the parts that are `is_required`."""

    run: Callable[[], None]
    success_message: str
    failure_message: str
    is_required: bool = False


def check_tables() -> None:
    """Every table and every index that a query uses can be read."""
    models: list[type[Model]] = [*TABLES, Takehome] if legacy.is_enabled() else TABLES
    if any(_missing_names(model) for model in models):
        raise NotReadyError(
            "A table or an index is missing or not ready. Run manage.py create_tables."
        )


def _missing_names(model: type[Model]) -> list[str]:
    """The table, or those of its indexes, that cannot be used."""
    try:
        description: dict[str, Any] = model._get_connection().describe_table() or {}
    except TableDoesNotExist:
        description = {}
    if description.get("TableStatus") not in USABLE_STATUSES:
        return [model.Meta.table_name]
    usable = {
        index["IndexName"]
        for index in description.get("GlobalSecondaryIndexes", [])
        if index.get("IndexStatus", "ACTIVE") in USABLE_STATUSES
    }
    return [i.Meta.index_name for i in model._indexes.values() if i.Meta.index_name not in usable]


def check_database() -> None:
    """The SQL database answers, and has every migration of this version."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReadyError("A migration is pending. Run manage.py migrate.")


def check_redis() -> None:
    heartbeat.client().ping()


def check_files() -> None:
    """The bucket exists, or the folder can be written and its disk has room."""
    if isinstance(default_storage, FileSystemStorage):
        _check_folder(Path(default_storage.location))
    else:
        client = default_storage.connection.meta.client  # type: ignore[attr-defined]
        client.head_bucket(Bucket=settings.FILES_BUCKET)


def _check_folder(path: Path) -> None:
    # The folder itself is only created when the first file is saved.
    folder = next(parent for parent in (path, *path.parents) if parent.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotReadyError("The file folder can't be written.")
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        raise NotReadyError("The file disk is full.")


def check_stream() -> None:
    if process_hub().is_down:
        raise NotReadyError("Events don't reach this process. Pages only update when reloaded.")


def check_worker() -> None:
    """A recent tick shows that beat, the broker and a worker all work; another may serve starts."""
    oldest = datetime.now(UTC) - MAX_TICK_AGE
    last_tick = heartbeat.last_heartbeat()
    if last_tick is None or last_tick < oldest:
        raise NotReadyError("No worker has ticked lately, so nothing starts or ends on schedule.")
    served_at = heartbeat.last_heartbeat(TaskQueue.STARTS)
    if served_at is None or served_at < oldest:
        raise NotReadyError("No worker takes starts, so candidates wait for their workspace.")


READINESS_CHECKS = {
    "tables": ReadinessCheck(
        check_tables,
        "All tables and indexes are there.",
        "The tables aren't responding.",
        is_required=True,
    ),
    "database": ReadinessCheck(
        check_database,
        "The database responds, and its migrations are applied.",
        "The database isn't responding.",
        is_required=True,
    ),
    "redis": ReadinessCheck(check_redis, "Redis responds.", "Redis isn't responding."),
    "files": ReadinessCheck(
        check_files, "The file store is available.", "The file store isn't responding."
    ),
    "stream": ReadinessCheck(
        check_stream, "Events reach this process.", "The stream can't be checked."
    ),
    "worker": ReadinessCheck(check_worker, "A worker ticks.", "Whether a worker ticks is unknown."),
}
