"""Write entries and folders in the order of a tree, from entries in any order."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from operations.submissions.entries import (
    MAX_ALL_PATHS_BYTES,
    Problem,
)
from operations.submissions.index.schema import EXECUTE_BIT, Status
from operations.submissions.paths import path_of_key
from operations.submissions.starting import StartingFile


class Listed(Protocol):
    """What an index lists, and why it does not have all of it."""

    problem: Problem | None


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
