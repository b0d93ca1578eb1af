"""Build the index of an archive."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import IO

from operations.submissions import access_points
from operations.submissions.access_points import write_access_points
from operations.submissions.entries import (
    ArchiveScan,
    Entry,
    Kind,
    is_list_of_not_saved,
)
from operations.submissions.index.schema import ADD_RAW, INDEXES, SCHEMA, raw_row
from operations.submissions.index.tree import write_tree
from operations.submissions.paths import sort_key
from operations.submissions.starting import StartingFile


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


def _write_access_points(database: sqlite3.Connection, scan: ArchiveScan, path: Path) -> None:
    """Write them by a file at `path`: of a gigabyte they have 64 MB, and the scan has them too."""
    try:
        scan.export_gzip_index(path)
        with path.open("rb") as exported:
            write_access_points(database, exported)
    finally:
        path.unlink(missing_ok=True)
