"""The tables of an index, and the status of a file against the starting files."""

from enum import StrEnum

from operations.submissions.entries import (
    Entry,
)
from operations.submissions.paths import sort_key

EXECUTE_BIT = 0o100
SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- All that is below a folder has ids in a row, its own files last.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, folder INTEGER NOT NULL, name BLOB NOT NULL, kind TEXT NOT NULL,
    mode INTEGER NOT NULL, size INTEGER NOT NULL, sha256 BLOB, offset INTEGER, target BLOB,
    mtime INTEGER NOT NULL, status TEXT NOT NULL
);
CREATE TABLE folder (
    id INTEGER PRIMARY KEY, parent INTEGER, path BLOB NOT NULL,
    files INTEGER NOT NULL, changed INTEGER NOT NULL, bytes INTEGER NOT NULL
);
CREATE TEMP TABLE raw (
    key BLOB PRIMARY KEY, kind TEXT, mode INTEGER, size INTEGER, sha256 BLOB, offset INTEGER,
    target BLOB, mtime INTEGER, is_starting INTEGER
) WITHOUT ROWID;
"""
# After the rows: it is quicker, and makes a smaller file.
INDEXES = """
CREATE UNIQUE INDEX entry_name ON entry (folder, name);
CREATE INDEX entry_changed ON entry (id) WHERE status != 'same';
CREATE UNIQUE INDEX folder_path ON folder (path);
CREATE INDEX folder_parent ON folder (parent);
"""
ADD_RAW = "INSERT OR REPLACE INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)"


class Status(StrEnum):
    """A file against the starting files."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"
    SAME = "same"


def raw_row(entry: Entry) -> tuple[object, ...]:
    return (
        sort_key(entry.path),
        entry.kind,
        entry.mode,
        entry.size,
        entry.sha256,
        entry.offset,
        entry.target,
        entry.mtime,
    )
