"""Read a submission: its index, and of its archive only what is asked for."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Self

import indexed_gzip

from operations.submissions.access_points import AccessPoints, BrokenPointError
from operations.submissions.entries import Kind, Problem
from operations.submissions.index.database import BrokenIndexError, open_database
from operations.submissions.index.records import File, Folder, Summary
from operations.submissions.index.schema import Status
from operations.submissions.stored_file import open_stored

CHUNK_BYTES = 256 * 1024
# What is unpacked at once, of which a small file needs little.
BUFFER_BYTES = 16 * 1024
# What is read for that: less than an object store sends at once. A point within a byte begins with
# the byte before, and to read as much again after it would take a second request.
PACKED_BYTES = 64 * 1024
COLUMNS = (
    "entry.id, folder.path, entry.name, entry.kind, entry.mode, entry.size, entry.sha256, "
    "entry.offset, entry.target, entry.mtime, entry.status"
)
ENTRIES = f"SELECT {COLUMNS} FROM entry JOIN folder ON folder.id = entry.folder"  # noqa: S608
FOLDERS = "SELECT id, path, files, changed, bytes FROM folder"
CHANGED = "entry.status != 'same'"


class BrokenArchiveError(Exception):
    """The archive is missing, or has other content than when its index was made."""


@dataclass
class Submission:
    """An open index with its archive; use it as a context manager."""

    archive_key: str
    _database: sqlite3.Connection
    _file: IO[bytes] | None = None
    _gzip: Any = field(default=None, repr=False)
    _points: Any = field(default=None, repr=False)

    @classmethod
    def open(cls, archive_key: str, index_key: str) -> Self:
        """Open the stored index of an archive.

        Raises:
            FileNotFoundError: if there is none.
            BrokenIndexError: if it is cut off.
            OSError: if the storage fails; a storage backend may raise its own errors too.
        """
        return cls(archive_key, open_database(index_key))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()
        if self._file is not None:
            self._file.close()

    def summary(self) -> Summary:
        meta = dict(self._rows("SELECT name, value FROM meta"))
        return Summary(
            added=meta[Status.ADDED],
            changed=meta[Status.CHANGED],
            deleted=meta[Status.DELETED],
            files=meta["files"],
            total_bytes=meta["bytes"],
            is_compared=bool(meta["is_compared"]),
            problem=Problem(meta["problem"]) if meta["problem"] else None,
            skipped=meta["skipped"],
        )

    def folder(self, path: bytes) -> Folder | None:
        rows = self._rows(f"{FOLDERS} WHERE path = ?", path)
        return next((Folder(*row) for row in rows), None)

    def folders_in(
        self, folder: Folder, *, only_changed: bool = False, after: int = 0, limit: int = -1
    ) -> list[Folder]:
        """The folders directly in a folder, by name; `after` is the id of one to go on after."""
        condition = " AND changed > 0" if only_changed else ""
        rows = self._rows(
            f"{FOLDERS} WHERE parent = ? AND id > ?{condition} ORDER BY id LIMIT ?",
            folder.id,
            after,
            limit,
        )
        return [Folder(*row) for row in rows]

    def files_in(
        self, folder: Folder, *, only_changed: bool = False, after: int = 0, limit: int = -1
    ) -> list[File]:
        """The files directly in a folder, by name; `after` is the id of a file to go on after."""
        condition = f" AND {CHANGED}" if only_changed else ""
        rows = self._rows(
            f"{ENTRIES} WHERE entry.folder = ? AND entry.id > ?{condition}"
            " ORDER BY entry.id LIMIT ?",
            folder.id,
            after,
            limit,
        )
        return list(map(_file, rows))

    def file(self, path: bytes) -> File | None:
        folder, _, name = path.rpartition(b"/")
        rows = self._rows(f"{ENTRIES} WHERE folder.path = ? AND entry.name = ?", folder, name)
        return next(map(_file, rows), None)

    def stored_files(self) -> Iterator[File]:
        """The files that have content, in the order of the archive: quick to read one by one."""
        return map(
            _file,
            self._rows(f"{ENTRIES} WHERE entry.offset IS NOT NULL ORDER BY entry.offset"),
        )

    def all_files(self, *, after: int = 0, limit: int = -1) -> list[File]:
        """All files, in the order of the tree; `after` is the id of a file to go on after."""
        rows = self._rows(f"{ENTRIES} WHERE entry.id > ? ORDER BY entry.id LIMIT ?", after, limit)
        return list(map(_file, rows))

    def changed_files(self, *, after: int = 0, limit: int = -1) -> list[File]:
        """The files that differ from the starting files, in the order of the tree."""
        rows = self._rows(
            f"{ENTRIES} WHERE {CHANGED} AND entry.id > ? ORDER BY entry.id LIMIT ?", after, limit
        )
        return list(map(_file, rows))

    def changed_before(self, file: File) -> File | None:
        rows = self._rows(
            f"{ENTRIES} WHERE {CHANGED} AND entry.id < ? ORDER BY entry.id DESC LIMIT 1", file.id
        )
        return next(map(_file, rows), None)

    def changed_after(self, file: File) -> File | None:
        return next(iter(self.changed_files(after=file.id, limit=1)), None)

    def content(self, file: File, limit: int) -> bytes:
        """The first `limit` bytes of a file. Of a whole file its hash is compared.

        Raises:
            BrokenArchiveError: if the archive is missing, damaged or another one.
            OSError: if the storage fails; a storage backend may raise its own errors too.
        """
        content = self._read(file, 0, min(limit, file.size))
        if limit >= file.size and hashlib.sha256(content).digest() != file.sha256:
            raise BrokenArchiveError(self.archive_key)
        return content

    def chunks(self, file: File) -> Iterator[bytes]:
        """The whole content of a file, piece by piece. It raises what `content` raises."""
        position = 0
        while position < file.size:
            chunk = self._read(file, position, min(CHUNK_BYTES, file.size - position))
            position += len(chunk)
            yield chunk

    def _read(self, file: File, start: int, size: int) -> bytes:
        if file.offset is None:
            raise BrokenArchiveError(self.archive_key)
        if not size:
            return b""
        try:
            if self._gzip is None:
                self._open_archive()
            self._points.import_for(file.offset + start, self._gzip)
            self._gzip.seek(file.offset + start)
            content: bytes = self._gzip.read(size)
        except FileNotFoundError:
            raise BrokenArchiveError(self.archive_key) from None
        except BrokenPointError as error:
            raise BrokenIndexError(str(error)) from error
        except (indexed_gzip.ZranError, indexed_gzip.NotCoveredError, EOFError) as error:
            raise BrokenArchiveError(self.archive_key) from error
        if len(content) != size:
            raise BrokenArchiveError(self.archive_key)
        return content

    def _open_archive(self) -> None:
        self._points = AccessPoints(self._rows)
        self._file = open_stored(self.archive_key)
        self._gzip = indexed_gzip.IndexedGzipFile(
            fileobj=self._file, readbuf_size=PACKED_BYTES, buffer_size=BUFFER_BYTES
        )

    def _rows(self, query: str, *values: object) -> Iterator[Any]:
        try:
            # `yield from` would close the cursor at an early end, after the database was closed.
            for row in self._database.execute(query, values):  # noqa: UP028
                yield row
        except sqlite3.DatabaseError as error:
            raise BrokenIndexError(str(error)) from error


def _file(row: tuple[Any, ...]) -> File:
    number, folder, name, kind, mode, size, digest, offset, target, mtime, status = row
    path = b"/".join((folder, name)) if folder else name
    return File(
        number, path, Kind(kind), mode, size, digest, offset, target or b"", mtime, Status(status)
    )
