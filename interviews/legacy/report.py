"""What became of the rows of a migration, and where it is: kept in a file, so that it can go on."""

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TAKEHOMES, INTERVIEWS = "takehomes", "interviews"
COUNTERS = ("takehomes", "interviews", "statuses", "carried")


class OtherMigrationError(Exception):
    """The file is another migration's, or none; the text says what to do."""


@dataclass(frozen=True)
class UnreadableRow:
    """A row that cannot be copied: its table, its key, and why."""

    table: str
    key: str
    reason: str


@dataclass
class Report:
    """How many rows came to what so far."""

    # By outcome.
    takehomes: Counter[str] = field(default_factory=Counter)
    interviews: Counter[str] = field(default_factory=Counter)
    # What was copied, by the status that it has now.
    statuses: Counter[str] = field(default_factory=Counter)
    # How many rows have each attribute that is only carried over.
    carried: Counter[str] = field(default_factory=Counter)
    unreadable: list[UnreadableRow] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.takehomes.total() + self.interviews.total()

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        counts = {name: dict(getattr(self, name)) for name in COUNTERS}
        return counts | {"unreadable": [asdict(fault) for fault in self.unreadable]}

    def add_fault(self, fault: UnreadableRow) -> None:
        """A row that is read a second time is told once."""
        if fault not in self.unreadable:
            self.unreadable.append(fault)


@dataclass
class Checkpoint:
    """How far it is: in which table, and after which row. `tables`: of which migration."""

    tables: list[str]
    table: str = TAKEHOMES
    # A key as DynamoDB has it; None: from the first row on.
    after: dict[str, Any] | None = None
    report: Report = field(default_factory=Report)

    def save(self, path: Path) -> None:
        """Whole or not at all, for its owner alone: keys of rows are passcodes."""
        # Two at once may keep their place in the same file: whichever is last counts.
        part = path.with_suffix(f".{os.getpid()}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            kept = {"tables": self.tables, "table": self.table, "after": self.after}
            json.dump(kept | {"report": self.report.plain()}, out)
        part.replace(path)


def load_checkpoint(path: Path, tables: list[str]) -> Checkpoint:
    """Where the migration of these tables was left, or its beginning. Raises
    OtherMigrationError."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return Checkpoint(tables)
    except (OSError, ValueError):
        raise OtherMigrationError(
            f"{path} cannot be read: remove it, and run this again."
        ) from None
    if not isinstance(kept, dict) or kept.get("tables") != tables:
        raise OtherMigrationError(
            f"{path} is of a migration of other tables: remove it, or name another with --state."
        )
    report = kept["report"]
    counters = {name: Counter(report[name]) for name in COUNTERS}
    faults = [UnreadableRow(**fault) for fault in report["unreadable"]]
    return Checkpoint(tables, kept["table"], kept["after"], Report(**counters, unreadable=faults))
