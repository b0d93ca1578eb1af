"""Pack a candidate's files from a folder on this machine."""

import os
import stat
import tarfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from operations.provisioners.archive_writer import (
    MAX_UNPACKED_BYTES,
    ArchiveFullError,
    ArchiveSizes,
    ArchiveWriter,
    open_archive,
)
from operations.provisioners.base import NotSaved, NotSavedReason
from operations.provisioners.regenerable import RegenerableFolders


@dataclass(frozen=True)
class _Entry:
    path: str
    name: str
    """The path relative to the packed folder."""
    status: os.stat_result

    @property
    def size(self) -> int:
        return self.status.st_size if stat.S_ISREG(self.status.st_mode) else 0


def pack_folder(
    folder: Path, path: Path, top: str, starting_paths: Collection[str] = ()
) -> list[NotSaved]:
    """Write the files of `folder` to an archive at `path`, below one folder `top`.

    Symbolic links are stored as links and never followed; sockets, pipes and devices are excluded.
    Regenerable folders are left out, and a file that cannot be read does not fail the others: both
    are returned, and listed in `<top>-not-saved.txt` in the archive. `path` only exists if the
    whole archive was written.

    Raises:
        ArchiveTooLargeError: if the files do not fit into an archive.
        OSError: if `folder` cannot be listed or `path` cannot be written.
    """
    if folder.is_symlink():
        # Following it would pack files that are not the candidate's.
        raise NotADirectoryError(f"{folder} is a link, not a folder")
    not_saved: list[NotSaved] = []
    regenerable = RegenerableFolders(starting_paths, lambda name: _is_file(folder / name))
    entries = list(_walk(folder, regenerable, not_saved))
    sizes = ArchiveSizes()
    for entry in entries:
        sizes.add(entry.name, entry.size)
    if sizes.total > MAX_UNPACKED_BYTES:
        raise sizes.too_large_error()
    try:
        with open_archive(path, top) as archive:
            archive.not_saved += not_saved
            for entry in entries:
                if not _add(archive, entry):
                    archive.not_saved.append(NotSaved(entry.name, NotSavedReason.UNREADABLE))
        return archive.not_saved
    except ArchiveFullError:
        raise sizes.too_large_error() from None


def _walk(
    folder: Path, regenerable: RegenerableFolders, not_saved: list[NotSaved]
) -> Iterator[_Entry]:
    """Yield the entries to save, sorted by name within a folder, and a folder before its content.

    Adds the others to `not_saved`.
    """
    pending = [""]
    while pending:
        parent = pending.pop()
        try:
            with os.scandir(f"{folder}/{parent}") as scan:
                children = sorted(scan, key=lambda child: child.name)
        except OSError:
            if not parent:
                raise  # a missing top folder is an error, not an empty archive
            not_saved.append(NotSaved(parent, NotSavedReason.UNREADABLE))
            continue
        for child in children:
            name = f"{parent}/{child.name}" if parent else child.name
            is_folder = child.is_dir(follow_symlinks=False)
            if is_folder and regenerable.outermost(name, is_folder=True) is not None:
                files, size = _measure(child.path)
                not_saved.append(NotSaved(name, NotSavedReason.REGENERABLE, files, size))
                continue
            try:
                yield _Entry(child.path, name, child.stat(follow_symlinks=False))
            except OSError:
                not_saved.append(NotSaved(name, NotSavedReason.UNREADABLE))
                continue
            if is_folder:
                pending.append(name)


def _measure(folder: str) -> tuple[int, int]:
    """Return how many files are below the folder, and their bytes, as far as it can be read."""
    files = size = 0
    pending = [folder]
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as scan:
            for child in scan:
                if child.is_dir(follow_symlinks=False):
                    pending.append(child.path)
                    continue
                files += 1
                with suppress(OSError):
                    status = child.stat(follow_symlinks=False)
                    size += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return files, size


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _add(archive: ArchiveWriter, entry: _Entry) -> bool:
    """Add one entry; return False if it could not be read."""
    mode, mtime = stat.S_IMODE(entry.status.st_mode), entry.status.st_mtime
    if stat.S_ISDIR(entry.status.st_mode):
        archive.add(entry.name, tarfile.DIRTYPE, mode, mtime)
    elif stat.S_ISLNK(entry.status.st_mode):
        try:
            target = str(Path(entry.path).readlink())
        except OSError:
            return False
        archive.add(entry.name, tarfile.SYMTYPE, mode, mtime, link_target=target)
    elif stat.S_ISREG(entry.status.st_mode):
        try:
            # It may have become a pipe or a link since: do not block, do not follow.
            file = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return False
        with os.fdopen(file, "rb") as content:
            size = os.fstat(file).st_size
            archive.add(entry.name, tarfile.REGTYPE, mode, mtime, size=size, content=content)
    return True
