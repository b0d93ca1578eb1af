"""A list of files that are not in an archive, in the form of an archive's index."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from operations.submissions.entries import Entry, Problem
from operations.submissions.index.build import add_deleted
from operations.submissions.index.schema import ADD_RAW, INDEXES, SCHEMA, raw_row
from operations.submissions.index.tree import write_tree
from operations.submissions.starting import StartingFile


@dataclass
class _Listing:
    problem: Problem | None = None


def list_files(
    entries: Iterable[Entry], base: Mapping[bytes, StartingFile] | None
) -> sqlite3.Connection:
    """Return a database in memory with the files, each with its status against the base."""
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    listing = _Listing()
    database.executescript(SCHEMA)
    database.execute("BEGIN")
    database.executemany(ADD_RAW, map(raw_row, entries))
    add_deleted(database, b"", base or {})
    totals = write_tree(database, listing, b"", base or {})
    meta = {
        "is_compared": int(base is not None),
        "problem": listing.problem or "",
        "skipped": 0,
        **totals,
    }
    database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    for statement in INDEXES.split(";"):
        database.execute(statement)
    database.execute("COMMIT")
    return database
