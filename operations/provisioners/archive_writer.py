"""The archive of a candidate's files, as every engine writes it: one format, one size, one list of
what is left out as tools can make it again."""

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import IO, Any, BinaryIO

LEFT_OUT = frozenset(
    {
        ".cache",
        ".eggs",
        ".gradle",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".next",
        ".nox",
        ".npm",
        ".parcel-cache",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".turbo",
        ".venv",
        "__pycache__",
        "build",
        "dist",
        "node_modules",
        "target",
        "venv",
    }
)
"""Folders of these names, at any depth, are not saved."""

MEGABYTE = 1024 * 1024
MAX_PACKED = 100 * MEGABYTE
MAX_UNPACKED = 1024 * MEGABYTE


class ArchiveTooLargeError(Exception):
    """The files are more than an archive may hold; the text names the sizes."""


class DiskFullError(Exception):
    """The archive has MAX_PACKED bytes, and the next entry does not fit."""


class Sizes:
    """How much there is to be saved, and what most of it is."""

    def __init__(self) -> None:
        self.total = 0
        self._largest: list[tuple[int, str]] = []

    def add(self, name: str, size: int) -> None:
        self.total += size
        self._largest = sorted([*self._largest, (size, name)], key=lambda one: -one[0])[:3]

    def too_large(self) -> ArchiveTooLargeError:
        names = ", ".join(f"{name!r} {_megabytes(size)}" for size, name in self._largest)
        return ArchiveTooLargeError(
            f"{_megabytes(self.total)} of files do not fit into an archive of "
            f"{_megabytes(MAX_PACKED)} packed and {_megabytes(MAX_UNPACKED)} unpacked; "
            f"the largest are {names}"
        )


class ArchiveWriter:
    """An archive that is being written; everything lies below one folder `top`."""

    def __init__(self, archive: tarfile.TarFile, top: str) -> None:
        self.skipped: list[str] = []
        self._archive = archive
        self._top = top

    def add(
        self,
        name: str,
        kind: bytes,
        mode: int,
        mtime: float,
        *,
        size: int = 0,
        goal: str = "",
        content: IO[bytes] | None = None,
    ) -> None:
        """Add one entry, with `goal` for what a link leads to. Raises Full."""
        # Owners are left at zero: who ran the workspace's engine is nobody's business.
        info = tarfile.TarInfo(f"{self._top}/{name}")
        info.type, info.mode, info.mtime = kind, mode & 0o777, int(mtime)
        info.size = size
        info.linkname = f"{self._top}/{goal}" if kind == tarfile.LNKTYPE else goal
        self._archive.addfile(info, content)

    def finish(self) -> None:
        """Add the list of what could not be read, where there is any. Raises Full."""
        if not self.skipped:
            return
        lines = ["These could not be read and are not in this archive:", *sorted(self.skipped), ""]
        text = "\n".join(lines).encode(errors="surrogateescape")
        info = tarfile.TarInfo(f"{self._top}-not-saved.txt")
        info.size = len(text)
        self._archive.addfile(info, BytesIO(text))


@contextmanager
def writing(path: Path, top: str) -> Iterator[ArchiveWriter]:
    """A tar.gz at `path`, readable by this user alone; whole when the block ends, or not there.

    Raises Full, and OSError when it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            with tarfile.open(
                fileobj=_Capped(raw), mode="w:gz", format=tarfile.PAX_FORMAT
            ) as archive:
                writer = ArchiveWriter(archive, top)
                yield writer
                writer.finish()
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _Capped(RawIOBase):
    """A file that takes no more than MAX_PACKED bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: Any) -> int:
        if self._file.tell() + memoryview(data).nbytes > MAX_PACKED:
            raise DiskFullError
        return self._file.write(data)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"
