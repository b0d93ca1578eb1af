"""The entries of an archive of unknown origin, one after the other, with limits."""

import hashlib
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import indexed_gzip

from operations.provisioners.archive_writer import NOT_SAVED_SUFFIX, ArchiveTooLargeError
from operations.provisioners.bounded_stream import CHUNK_BYTES, BoundedStream
from operations.submissions.paths import is_inside

MAX_ENTRIES = 200_000
# Longer than any path that Linux opens. A header may hold a megabyte of it.
MAX_PATH_BYTES = 4096
# Of all paths together, and of all folders' paths: one of many levels has a folder for each.
MAX_ALL_PATHS_BYTES = 64 * 1024 * 1024
# Between two places at which reading can begin, in unpacked bytes: half of it is unpacked for
# nothing when a file is read. Each costs the index 32 KB, packed, so all of them a sixteenth of
# what the archive has.
SPACING_BYTES = 512 * 1024
# The first second of the year 10000.
MAX_TIME = 253_402_300_800
BLOCK_BYTES = tarfile.BLOCKSIZE
# Reading the headers of one entry takes as long as unpacking so many bytes.
ENTRY_COST_BYTES = 16 * 1024


class Kind(StrEnum):
    FILE = "file"
    LINK = "link"
    # A device, a pipe, or a link to what is not in the archive.
    OTHER = "other"


class Problem(StrEnum):
    """Why an index does not have all of the archive."""

    DAMAGED = "damaged"
    TOO_MANY = "too_many"


class BudgetExceededError(Exception):
    """The archive unpacks to more than there is time for now."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is at a path; `offset` is that of its content, in the unpacked archive."""

    path: bytes
    kind: Kind
    mode: int
    size: int = 0
    sha256: bytes | None = None
    offset: int | None = None
    target: bytes = b""
    # Seconds since 1970, or 0 if the archive has no plausible time.
    mtime: int = 0


@dataclass
class ArchiveScan:
    """One pass through an archive; what it could not list is known after that.

    `budget` is how many bytes may be unpacked, with ENTRY_COST_BYTES for each entry.
    """

    file: IO[bytes]
    budget: int | None = None
    problem: Problem | None = None
    # Names that lead out of the archive, or that no file can have.
    skipped: int = 0

    def __post_init__(self) -> None:
        self._gzip = indexed_gzip.IndexedGzipFile(
            fileobj=self.file, spacing=SPACING_BYTES, buffer_size=CHUNK_BYTES
        )

    def entries(self) -> Iterator[Entry]:
        """Yield the files and links, as far as the archive can be read. Folders are left out.

        Raises:
            BudgetExceededError: if more than `budget` would have to be unpacked.
        """
        try:
            yield from self._read()
        except ArchiveTooLargeError:
            self.problem = Problem.TOO_MANY
        except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError):
            self.problem = Problem.DAMAGED

    def export_gzip_index(self, path: Path) -> None:
        """Write the places at which reading can begin, with the bytes before them.

        Raises:
            OSError: if the file cannot be written, as on a full disk.
        """
        self._gzip.export_index(path)

    def _read(self) -> Iterator[Entry]:
        stream: Any = BoundedStream(self._gzip)
        count = path_bytes = 0
        with tarfile.open(
            fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape"
        ) as archive:
            while (info := archive.next()) is not None:
                count += 1
                if count > MAX_ENTRIES:
                    self.problem = Problem.TOO_MANY
                    return
                self._require_budget(archive.offset + count * ENTRY_COST_BYTES)
                if not info.isdir() and (entry := self._entry(archive, info)) is not None:
                    path_bytes += len(entry.path) + len(entry.target)
                    if path_bytes > MAX_ALL_PATHS_BYTES:
                        self.problem = Problem.TOO_MANY
                        return
                    yield entry
                # tarfile would otherwise keep every entry in memory.
                archive.members = []  # type: ignore[attr-defined]
            self._require_end(stream, archive.offset)
        # What follows the end is unpacked too, within the same limits.
        while stream.read(CHUNK_BYTES):
            stream.seek(stream.tell())
            self._require_budget(stream.tell() + count * ENTRY_COST_BYTES)

    def _require_budget(self, cost: int) -> None:
        if self.budget is not None and cost > self.budget:
            raise BudgetExceededError

    @staticmethod
    def _require_end(stream: BoundedStream, offset: int) -> None:
        """tarfile takes any block that is no header for the end of the archive.

        Raises:
            tarfile.ReadError: if it is not.
        """
        stream.seek(offset)
        if any(stream.read(BLOCK_BYTES)):
            raise tarfile.ReadError("no end of the archive")

    def _entry(self, archive: tarfile.TarFile, info: tarfile.TarInfo) -> Entry | None:
        try:
            path = info.name.encode("utf-8", "surrogateescape").removeprefix(b"./").rstrip(b"/")
            target = info.linkname.encode("utf-8", "surrogateescape").removeprefix(b"./")
        except UnicodeEncodeError:
            path = target = b""
        if not is_inside(path) or max(len(path), len(target)) > MAX_PATH_BYTES:
            self.skipped += 1
            return None
        mode = stat.S_IMODE(info.mode) & 0o777
        if info.issym():
            return Entry(path, Kind.LINK, mode, target=target, mtime=_time_of(info))
        if info.isreg() and not info.issparse():
            return self._file(archive, info, Entry(path, Kind.FILE, mode, info.size))
        target = target if info.islnk() else b""
        return Entry(path, Kind.OTHER, mode, target=target, mtime=_time_of(info))

    @staticmethod
    def _file(archive: tarfile.TarFile, info: tarfile.TarInfo, entry: Entry) -> Entry:
        digest = hashlib.sha256()
        content = archive.extractfile(info)
        left = info.size
        while content is not None and (chunk := content.read(CHUNK_BYTES)):
            digest.update(chunk)
            left -= len(chunk)
        if left:
            raise tarfile.ReadError("a file is cut off")
        return replace(entry, sha256=digest.digest(), offset=info.offset_data, mtime=_time_of(info))


def _time_of(info: tarfile.TarInfo) -> int:
    return int(info.mtime) if 0 < info.mtime < MAX_TIME else 0


def is_list_of_not_saved(path: bytes) -> bool:
    """Whether it is the list that a provisioner adds beside the top folder."""
    return b"/" not in path and path.endswith(NOT_SAVED_SUFFIX.encode())
