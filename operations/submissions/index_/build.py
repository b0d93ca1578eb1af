"""The index of an archive: an SQLite database with its files in the order of a tree.

Each file has its status against the starting files, its hash, and the place of its content. The
build needs little memory, however many files there are: SQLite sorts them.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Protocol

from operations.submissions import access_points
from operations.submissions.access_points import write_access_points
from operations.submissions.entries import (
    MAX_ALL_PATHS_BYTES,
    ArchiveScan,
    Entry,
    Kind,
    Problem,
    is_list_of_not_saved,
)
from operations.submissions.paths import path_of_key, sort_key
from operations.submissions.starting import StartingFile

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


class Listed(Protocol):
    """What an index lists, and why it does not have all of it."""

    problem: Problem | None


def build_index(
    archive: IO[bytes],
    path: Path,
    starting: Mapping[bytes, StartingFile] | None,
    *,
    budget: int | None = None,
) -> None:
    """Write the index of an archive to a new file at `path`.

    Without starting files it compares with nothing. An archive that is damaged, or no archive at
    all, is listed as far as it can be read.

    Raises:
        BudgetExceededError: if more than `budget` bytes would have to be unpacked.
        OSError: if the file cannot be written, as on a full disk.
    """
    try:
        _write_index(ArchiveScan(archive, budget), path, starting)
    except sqlite3.Error as error:
        raise OSError(f"the index could not be written: {error}") from error


def _write_index(
    scan: ArchiveScan, path: Path, starting: Mapping[bytes, StartingFile] | None
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(SCHEMA)
        database.executescript(access_points.SCHEMA)
        database.execute("BEGIN")
        top = _read_archive(database, scan, starting or {})
        # What is missing from half an archive may be in the other half.
        if scan.problem is None:
            add_deleted(database, top, starting or {})
        totals = write_tree(database, scan, top, starting or {})
        _write_access_points(database, scan, path.with_name(f"{path.name}-points"))
        meta = {
            "is_compared": int(starting is not None),
            "problem": scan.problem or "",
            "skipped": scan.skipped,
            **totals,
        }
        database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        for statement in INDEXES.split(";"):
            database.execute(statement)
        database.execute("COMMIT")


def _read_archive(
    database: sqlite3.Connection, scan: ArchiveScan, starting: Mapping[bytes, StartingFile]
) -> bytes:
    """List all entries, and return the one folder that they are in, with a slash, or b""."""
    tops: set[bytes] = set()
    lists: list[bytes] = []
    for entry in scan.entries():
        if is_list_of_not_saved(entry.path):
            lists.append(entry.path)
        else:
            top, slash, _ = entry.path.partition(b"/")
            if len(tops) < 2:
                tops.add(top if slash else b"")
        if entry.kind is Kind.OTHER and entry.target:
            entry = _resolved(database, entry)
        database.execute(ADD_RAW, raw_row(entry))
    if len(tops) != 1 or b"" in tops:
        return b""
    top = tops.pop()
    # An archive of an earlier portal may have no such folder, and the challenge all files in one.
    if _count_present(database, b"", starting) > _count_present(database, top + b"/", starting):
        return b""
    for each in lists:
        database.execute("DELETE FROM raw WHERE key = ?", (sort_key(each),))
    return top + b"/"


def _count_present(
    database: sqlite3.Connection, top: bytes, starting: Mapping[bytes, StartingFile]
) -> int:
    query = "SELECT 1 FROM raw WHERE key = ?"
    return sum(
        database.execute(query, (sort_key(top + path),)).fetchone() is not None for path in starting
    )


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


def _resolved(database: sqlite3.Connection, entry: Entry) -> Entry:
    """A hard link is the file that it links to, if that came before it."""
    row = database.execute(
        "SELECT size, sha256, offset FROM raw WHERE key = ? AND kind = ?",
        (sort_key(entry.target), Kind.FILE),
    ).fetchone()
    if row is None:
        return entry
    return replace(entry, kind=Kind.FILE, size=row[0], sha256=row[1], offset=row[2], target=b"")


def add_deleted(
    database: sqlite3.Connection, top: bytes, starting: Mapping[bytes, StartingFile]
) -> None:
    database.executemany(
        "INSERT OR IGNORE INTO raw VALUES (?, ?, ?, ?, ?, NULL, NULL, 0, 1)",
        (
            (
                sort_key(top + path),
                file.kind,
                0o755 if file.is_executable else 0o644,
                file.size,
                file.sha256,
            )
            for path, file in starting.items()
        ),
    )


@dataclass
class _Folder:
    id: int
    parent: int | None
    path: bytes
    files: int = 0
    changed: int = 0
    bytes: int = 0

    def add(self, other: "_Folder") -> None:
        self.files += other.files
        self.changed += other.changed
        self.bytes += other.bytes


def write_tree(
    database: sqlite3.Connection,
    scan: "Listed",
    top: bytes,
    starting: Mapping[bytes, StartingFile],
) -> dict[str, int]:
    """Write entries and folders in the order of a tree, and return the totals."""
    tree = _Tree(database)
    counts = dict.fromkeys(Status, 0)
    for number, (path, row) in enumerate(_sorted_rows(database, top), start=1):
        if tree.path_bytes > MAX_ALL_PATHS_BYTES:
            scan.problem = Problem.TOO_MANY
            break
        kind, mode, size, digest, offset, target, mtime, is_starting = row
        status = Status.DELETED if is_starting else _status(kind, mode, digest, starting.get(path))
        counts[status] += 1
        folder_path, _, name = path.rpartition(b"/")
        folder = tree.enter(folder_path)
        folder.changed += status is not Status.SAME
        if status is not Status.DELETED:
            folder.files += 1
            folder.bytes += size
        database.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, folder.id, name, kind, mode, size, digest, offset, target, mtime, status),
        )
    root = tree.finish()
    return {
        **{str(each): count for each, count in counts.items()},
        "files": root.files,
        "bytes": root.bytes,
    }


def _sorted_rows(
    database: sqlite3.Connection, top: bytes
) -> Iterator[tuple[bytes, tuple[Any, ...]]]:
    rows = database.execute(
        "SELECT key, kind, mode, size, sha256, offset, target, mtime, is_starting"
        " FROM raw ORDER BY key"
    )
    for key, *row in rows:
        yield path_of_key(key).removeprefix(top), tuple(row)


def _status(kind: str, mode: int, digest: bytes | None, start: StartingFile | None) -> Status:
    if start is None:
        return Status.ADDED
    is_executable = bool(mode & EXECUTE_BIT)
    is_same = (
        kind == start.kind
        and digest == start.sha256
        and start.is_executable in (None, is_executable)
    )
    return Status.SAME if is_same else Status.CHANGED


class _Tree:
    """The folders above the current entry; one is written once all that is below it is known."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._last_id = 1
        # Of all folders so far.
        self.path_bytes = 0
        self._open = [_Folder(1, None, b"")]

    def enter(self, path: bytes) -> _Folder:
        """The folder at `path`; entries come in the order of a tree."""
        while not _is_below(path, self._open[-1].path):
            self._close()
        while (folder := self._open[-1]).path != path:
            start = len(folder.path) + 1 if folder.path else 0
            end = path.find(b"/", start)
            self._last_id += 1
            child = path if end < 0 else path[:end]
            self.path_bytes += len(child)
            self._open.append(_Folder(self._last_id, folder.id, child))
        return folder

    def finish(self) -> _Folder:
        while len(self._open) > 1:
            self._close()
        self._write(self._open[0])
        return self._open[0]

    def _close(self) -> None:
        folder = self._open.pop()
        self._open[-1].add(folder)
        self._write(folder)

    def _write(self, folder: _Folder) -> None:
        self._database.execute(
            "INSERT INTO folder VALUES (?, ?, ?, ?, ?, ?)",
            (folder.id, folder.parent, folder.path, folder.files, folder.changed, folder.bytes),
        )


def _is_below(path: bytes, folder: bytes) -> bool:
    return not folder or path == folder or path.startswith(folder + b"/")


def _write_access_points(database: sqlite3.Connection, scan: ArchiveScan, path: Path) -> None:
    """Write them by a file at `path`: of a gigabyte they have 64 MB, and the scan has them too."""
    try:
        scan.export_gzip_index(path)
        with path.open("rb") as exported:
            write_access_points(database, exported)
    finally:
        path.unlink(missing_ok=True)
