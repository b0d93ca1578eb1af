"""Pack a candidate's files into a tar.gz, without what tools can make again."""

import os
import stat
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

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


class TooLarge(Exception):
    """The files are more than an archive may hold; the text names the sizes."""


@dataclass(frozen=True)
class _Entry:
    path: str
    name: str
    """Relative to the folder."""
    status: os.stat_result

    @property
    def size(self) -> int:
        return self.status.st_size if stat.S_ISREG(self.status.st_mode) else 0


def pack(folder: Path, path: Path, top: str) -> list[str]:
    """Write the files of `folder` at `path`, below one folder `top`; whole or not at all.

    Symbolic links are kept as links and never followed; sockets, pipes and devices are left out.
    A file that cannot be read is no reason to lose the others: its name is returned, and listed in
    `<top>-not-saved.txt` in the archive. Raises TooLarge, and OSError when `folder` cannot be
    listed or `path` cannot be written.
    """
    if folder.is_symlink():
        # Following it would pack what is not the candidate's.
        raise NotADirectoryError(f"{folder} is a link, not a folder")
    skipped: list[str] = []
    entries = list(_walk(folder, skipped))
    if sum(entry.size for entry in entries) > MAX_UNPACKED:
        raise TooLarge(_sizes(entries))
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            capped = _Capped(raw, entries)
            with tarfile.open(fileobj=capped, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
                for entry in entries:
                    if not _add(archive, entry, f"{top}/{entry.name}"):
                        skipped.append(entry.name)
                if skipped:
                    _add_list(archive, f"{top}-not-saved.txt", skipped)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return sorted(skipped)


def _walk(folder: Path, skipped: list[str]) -> Iterator[_Entry]:
    """Everything to be saved, folders before what they hold, in the order of the names."""
    waiting = [""]
    while waiting:
        parent = waiting.pop()
        try:
            with os.scandir(f"{folder}/{parent}") as found:
                children = sorted(found, key=lambda child: child.name)
        except OSError:
            if not parent:
                raise  # a folder that is not there is an error, not an empty archive
            skipped.append(parent)
            continue
        for child in children:
            name = f"{parent}/{child.name}" if parent else child.name
            is_folder = child.is_dir(follow_symlinks=False)
            if is_folder and child.name in LEFT_OUT:
                continue
            try:
                yield _Entry(child.path, name, child.stat(follow_symlinks=False))
            except OSError:
                skipped.append(name)
                continue
            if is_folder:
                waiting.append(name)


def _add(archive: tarfile.TarFile, entry: _Entry, target: str) -> bool:
    """Add one entry; False where it could not be read."""
    mode = entry.status.st_mode
    # Owners are left at zero: who ran the workspace's engine is nobody's business.
    info = tarfile.TarInfo(target)
    info.mode = stat.S_IMODE(mode) & 0o777
    info.mtime = int(entry.status.st_mtime)
    if stat.S_ISDIR(mode):
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
    elif stat.S_ISLNK(mode):
        try:
            info.linkname = str(Path(entry.path).readlink())
        except OSError:
            return False
        info.type = tarfile.SYMTYPE
        archive.addfile(info)
    elif stat.S_ISREG(mode):
        try:
            # Should it have become a pipe or a link meanwhile: do not wait, do not follow.
            file = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return False
        with os.fdopen(file, "rb") as content:
            info.size = os.fstat(file).st_size
            archive.addfile(info, content)
    return True


def _add_list(archive: tarfile.TarFile, target: str, names: list[str]) -> None:
    lines = ["These could not be read and are not in this archive:", *sorted(names), ""]
    text = "\n".join(lines).encode(errors="surrogateescape")
    info = tarfile.TarInfo(target)
    info.size = len(text)
    archive.addfile(info, BytesIO(text))


class _Capped(RawIOBase):
    """A file that takes no more than MAX_PACKED bytes."""

    def __init__(self, file: BinaryIO, entries: Sequence[_Entry]) -> None:
        self._file = file
        self._entries = entries

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: Any) -> int:
        if self._file.tell() + memoryview(data).nbytes > MAX_PACKED:
            raise TooLarge(_sizes(self._entries))
        return self._file.write(data)


def _sizes(entries: Sequence[_Entry]) -> str:
    total = sum(entry.size for entry in entries)
    largest = sorted(entries, key=lambda entry: -entry.size)[:3]
    names = ", ".join(f"{entry.name!r} {_megabytes(entry.size)}" for entry in largest)
    return (
        f"{_megabytes(total)} of files do not fit into an archive of {_megabytes(MAX_PACKED)} "
        f"packed and {_megabytes(MAX_UNPACKED)} unpacked; the largest are {names}"
    )


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"
