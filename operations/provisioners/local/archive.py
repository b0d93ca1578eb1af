"""Pack a candidate's files from a folder of this machine."""

import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from operations.provisioners.archive_writer import (
    LEFT_OUT,
    MAX_UNPACKED,
    ArchiveWriter,
    DiskFullError,
    Sizes,
    writing,
)


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
    sizes = Sizes()
    for entry in entries:
        sizes.add(entry.name, entry.size)
    if sizes.total > MAX_UNPACKED:
        raise sizes.too_large()
    try:
        with writing(path, top) as archive:
            archive.skipped += skipped
            for entry in entries:
                if not _add(archive, entry):
                    archive.skipped.append(entry.name)
            return sorted(archive.skipped)
    except DiskFullError:
        raise sizes.too_large() from None


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


def _add(archive: ArchiveWriter, entry: _Entry) -> bool:
    """Add one entry; False where it could not be read."""
    mode, mtime = stat.S_IMODE(entry.status.st_mode), entry.status.st_mtime
    if stat.S_ISDIR(entry.status.st_mode):
        archive.add(entry.name, tarfile.DIRTYPE, mode, mtime)
    elif stat.S_ISLNK(entry.status.st_mode):
        try:
            goal = str(Path(entry.path).readlink())
        except OSError:
            return False
        archive.add(entry.name, tarfile.SYMTYPE, mode, mtime, goal=goal)
    elif stat.S_ISREG(entry.status.st_mode):
        try:
            # Should it have become a pipe or a link meanwhile: do not wait, do not follow.
            file = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return False
        with os.fdopen(file, "rb") as content:
            size = os.fstat(file).st_size
            archive.add(entry.name, tarfile.REGTYPE, mode, mtime, size=size, content=content)
    return True
