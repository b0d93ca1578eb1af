"""Runs of the migration."""

from typing import Any

from interviews.legacy import migration
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.legacy.report import (
    Checkpoint,
    Report,
)
from tests import legacy_rows

TABLES = ["takehome", "interviews"]


def run(checkpoint: Checkpoint | None = None, **options: Any) -> Report:
    checkpoint = checkpoint or Checkpoint(TABLES)
    migration.migrate(checkpoint, CapacityLimiter(0), save=lambda checkpoint: None, **options)
    return checkpoint.report


def everything(client: Any) -> dict[str, list[Any]]:
    """Return all rows of all tables, without attributes that every write changes."""
    found = {}
    for table in ("takehome", "interviews", "search_terms"):
        rows = legacy_rows.rows(client, table)
        found[table] = sorted(rows, key=lambda row: sorted(str(value) for value in row.items()))
    return found


class Clock:
    """A clock that only advances by `sleep`."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
