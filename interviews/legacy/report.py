"""The report and the position of a migration, data in a file so that it can resume."""

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TAKEHOMES, INTERVIEWS = "takehomes", "interviews"
COUNTERS = ("takehomes", "interviews", "statuses", "carried")


class OtherMigrationError(Exception):
    """The file belongs to another migration or is unreadable; the message says what to do."""


@dataclass(frozen=True)
class UnreadableRow:
    """A row that cannot be migrated: its table, its key, and the reason."""

    table: str
    key: str
    reason: str


@dataclass
class Report:
    """Counts of rows so far, and the unreadable rows."""

    # By outcome.
    takehomes: Counter[str] = field(default_factory=Counter)
    interviews: Counter[str] = field(default_factory=Counter)
    # Copied rows by their new status.
    statuses: Counter[str] = field(default_factory=Counter)
    # Rows per unknown attribute that is copied without being understood.
    carried: Counter[str] = field(default_factory=Counter)
    unreadable: list[UnreadableRow] = field(default_factory=list)

    @property
    def rows_read(self) -> int:
        return self.takehomes.total() + self.interviews.total()

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON-serializable values."""
        counts = {name: dict(getattr(self, name)) for name in COUNTERS}
        return counts | {"unreadable": [asdict(row) for row in self.unreadable]}

    def add_unreadable(self, row: UnreadableRow) -> None:
        """Add an unreadable row, once even if it is read again."""
        if row not in self.unreadable:
            self.unreadable.append(row)


@dataclass
class Checkpoint:
    """The position of a migration, which `tables` identify: a table, and the last row done."""

    tables: list[str]
    table: str = TAKEHOMES
    # The key of the last row done, in DynamoDB's format; None at the start of a table.
    after: dict[str, Any] | None = None
    report: Report = field(default_factory=Report)

    def save(self, path: Path) -> None:
        """Write the file atomically, readable only by its owner, since keys are passcodes."""
        # Two migrations may write the same file at the same time: the last one wins.
        part = path.with_suffix(f".{os.getpid()}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            data = {"tables": self.tables, "table": self.table, "after": self.after}
            json.dump(data | {"report": self.report.as_json()}, out)
        part.replace(path)


def load_checkpoint(path: Path, tables: list[str]) -> Checkpoint:
    """Return the checkpoint of the migration of these tables, or a new one.

    Raises:
        OtherMigrationError: if the file is unreadable or belongs to other tables.
    """
    try:
        data = json.loads(path.read_text())
    except FileNotFoundError:
        return Checkpoint(tables)
    except (OSError, ValueError):
        raise OtherMigrationError(f"{path} can't be read. Remove it, and run this again.") from None
    if not isinstance(data, dict) or data.get("tables") != tables:
        raise OtherMigrationError(
            f"{path} is of a migration of other tables. Remove it, or name another with --state."
        )
    report = data["report"]
    counters = {name: Counter(report[name]) for name in COUNTERS}
    unreadable = [UnreadableRow(**row) for row in report["unreadable"]]
    return Checkpoint(
        tables, data["table"], data["after"], Report(**counters, unreadable=unreadable)
    )
