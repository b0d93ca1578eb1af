"""Write the archive of a candidate's files in the one format that all provisioners share.

The size limits are the same for all of them, too.
"""

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, RawIOBase
from itertools import groupby
from pathlib import Path
from typing import IO, Any, BinaryIO

from operations.provisioners.base import NotSaved, NotSavedReason

# The name of the list of what is not saved, after that of the folder that it is beside.
NOT_SAVED_SUFFIX = "-not-saved.txt"
NOT_SAVED_TITLES = {
    NotSavedReason.REGENERABLE: "Not saved, as it can be regenerated",
    NotSavedReason.UNREADABLE: "Couldn't be read completely",
}

MEGABYTE = 1024 * 1024
MAX_PACKED_BYTES = 100 * MEGABYTE
MAX_UNPACKED_BYTES = 1024 * MEGABYTE


class ArchiveTooLargeError(Exception):
    """The files do not fit into an archive; the message names the sizes."""


class ArchiveFullError(Exception):
    """The next entry would make the archive larger than MAX_PACKED_BYTES."""


class ArchiveSizes:
    """The total size of the files in bytes, and the three largest of them."""

    def __init__(self) -> None:
        self.total = 0
        self._largest: list[tuple[int, str]] = []

    def add(self, name: str, size: int) -> None:
        self.total += size
        self._largest = sorted([*self._largest, (size, name)], key=lambda file: -file[0])[:3]

    def too_large_error(self) -> ArchiveTooLargeError:
        names = ", ".join(f"{name!r} {_megabytes(size)}" for size, name in self._largest)
        return ArchiveTooLargeError(
            f"{_megabytes(self.total)} of files don't fit into an archive of "
            f"{_megabytes(MAX_PACKED_BYTES)} packed and {_megabytes(MAX_UNPACKED_BYTES)} unpacked; "
            f"the largest: {names}"
        )


class ArchiveWriter:
    """Adds entries to an open archive, all of them below one folder `top`."""

    def __init__(self, archive: tarfile.TarFile, top: str) -> None:
        self.not_saved: list[NotSaved] = []
        self._archive = archive
        self._top = top

    def add(
        self,
        name: str,
        entry_type: bytes,
        mode: int,
        mtime: float,
        *,
        size: int = 0,
        link_target: str = "",
        content: IO[bytes] | None = None,
    ) -> None:
        """Add one entry; `link_target` is the path that a link points to.

        Raises:
            ArchiveFullError: if the entry does not fit.
        """
        # Owners stay 0: do not publish which user ran the workspace.
        info = tarfile.TarInfo(f"{self._top}/{name}")
        info.type, info.mode, info.mtime = entry_type, mode & 0o777, int(mtime)
        info.size = size
        info.linkname = link_target
        if entry_type == tarfile.LNKTYPE:
            info.linkname = f"{self._top}/{link_target}"
        self._archive.addfile(info, content)

    def finish(self) -> None:
        """Add the list of what is not saved, if there is anything.

        Raises:
            ArchiveFullError: if the list does not fit.
        """
        self.not_saved.sort(key=lambda each: (each.reason, each.path))
        if not self.not_saved:
            return
        text = _list_text(self.not_saved).encode(errors="surrogateescape")
        info = tarfile.TarInfo(f"{self._top}{NOT_SAVED_SUFFIX}")
        info.size = len(text)
        self._archive.addfile(info, BytesIO(text))


def _list_text(not_saved: list[NotSaved]) -> str:
    lines = ["This is not in the archive."]
    for reason, entries in groupby(not_saved, key=lambda each: each.reason):
        lines += ["", f"{NOT_SAVED_TITLES[reason]}:"]
        lines += [_on_one_line(str(each)) for each in entries]
    return "\n".join([*lines, ""])


def _on_one_line(text: str) -> str:
    """Escape what could break the line or change how a terminal shows it; keep undecoded bytes."""
    return "".join(
        char if char.isprintable() or "\udc80" <= char <= "\udcff" else ascii(char)[1:-1]
        for char in text
    )


@contextmanager
def open_archive(path: Path, top: str) -> Iterator[ArchiveWriter]:
    """Write a tar.gz at `path`, readable only by this user.

    The file appears at `path` only if the block succeeds.

    Raises:
        ArchiveFullError: if the archive grows beyond MAX_PACKED_BYTES.
        OSError: if it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            with tarfile.open(
                fileobj=_CappedFile(raw), mode="w:gz", format=tarfile.PAX_FORMAT
            ) as archive:
                writer = ArchiveWriter(archive, top)
                yield writer
                writer.finish()
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _CappedFile(RawIOBase):
    """A writable file that accepts at most MAX_PACKED_BYTES."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: Any) -> int:
        if self._file.tell() + memoryview(data).nbytes > MAX_PACKED_BYTES:
            raise ArchiveFullError
        return self._file.write(data)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"
