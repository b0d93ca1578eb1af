"""Read a submission: its index, and of its archive only what is asked for."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import indexed_gzip
from django.core.files.storage import default_storage

from operations.submissions.access_points import AccessPoints, BrokenPointError
from operations.submissions.entries import Kind, Problem
from operations.submissions.index import EXECUTE_BIT, Status
from operations.submissions.index_cache import indexes
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


class BrokenIndexError(Exception):
    """The stored index is cut off or damaged: it has to be made again."""


class BrokenArchiveError(Exception):
    """The archive is missing, or has other content than when its index was made."""


@dataclass(frozen=True, slots=True)
class File:
    """A file or link of a submission, or a deleted starting file."""

    id: int
    path: bytes
    kind: Kind
    mode: int
    size: int
    sha256: bytes | None
    offset: int | None
    target: bytes
    # Seconds since 1970, or 0 if it is not known.
    mtime: int
    status: Status

    @property
    def name(self) -> bytes:
        return self.path.rpartition(b"/")[2]

    @property
    def is_executable(self) -> bool:
        return self.kind is Kind.FILE and bool(self.mode & EXECUTE_BIT)

    @property
    def is_stored(self) -> bool:
        """Whether the archive has content of it."""
        return self.offset is not None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, with the totals below it; `files` leaves out the deleted ones."""

    id: int
    path: bytes
    files: int
    changed: int
    total_bytes: int

    @property
    def name(self) -> bytes:
        return self.path.rpartition(b"/")[2]


@dataclass(frozen=True)
class Summary:
    """The totals of what could be listed, against the starting files if `is_compared`."""

    added: int
    changed: int
    deleted: int
    files: int
    total_bytes: int
    is_compared: bool
    problem: Problem | None
    # Entries whose names lead out of the archive.
    skipped: int

    @property
    def is_whole(self) -> bool:
        """Without all of the archive, the counts say nothing about what the candidate changed."""
        return self.problem is None

    @property
    def changes(self) -> dict[str, int | None]:
        """How many files were `added`, `changed` and `deleted`, for programs: None if unknown."""
        if not self.is_whole:
            return {"added": None, "changed": None, "deleted": None}
        return {"added": self.added, "changed": self.changed, "deleted": self.deleted}

    @property
    def different(self) -> int:
        return self.added + self.changed + self.deleted


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
        return cls(archive_key, _open_database(index_key))

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


def _open_database(key: str) -> sqlite3.Connection:
    """Open a stored database for reading: in its place if it is a local file, or else in memory."""
    try:
        path = Path(default_storage.path(key))
    except NotImplementedError:
        data = indexes.read(key)
        _require_whole(data[:100], len(data))
        database = sqlite3.connect(":memory:", check_same_thread=False)
        database.deserialize(data)
        return database
    with path.open("rb") as file:
        _require_whole(file.read(100), path.stat().st_size)
    # No file is written beside it, and no lock is taken: it never changes.
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def _require_whole(header: bytes, size: int) -> None:
    """Check an SQLite file against its header: a process may have died while it wrote the file.

    The header is https://www.sqlite.org/fileformat.html#the_database_header.

    Raises:
        BrokenIndexError: if it has another size.
    """
    page_bytes = int.from_bytes(header[16:18]) or 1
    pages = int.from_bytes(header[28:32])
    if len(header) < 100 or not size or size != (65536 if page_bytes == 1 else page_bytes) * pages:
        raise BrokenIndexError("it is cut off")
