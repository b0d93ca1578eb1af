"""Pack a candidate's files from a container, running or not, as the engine streams them."""

import stat
import tarfile
from pathlib import Path, PurePosixPath

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from operations.provisioners.archive_writer import (
    LEFT_OUT,
    MAX_UNPACKED,
    MEGABYTE,
    ArchiveTooLargeError,
    ArchiveWriter,
    DiskFullError,
    Sizes,
    writing,
)
from operations.provisioners.docker import tar_stream

# Go's own bit for a folder, in what the engine says of a path.
GO_FOLDER = 1 << 31
# Files whose other name lies in a folder that is left out: each is asked for by itself.
ELSEWHERE = 1000
# The engine streams all there is, the holes of a file as zeros and what is left out as well. More
# than so much, with something for each entry, would keep a worker for hours.
MAX_STREAMED = 64 * 1024 * MEGABYTE
EACH_STREAMED = 16 * 1024
# What the names of what is saved may come to, with something for each: they are remembered.
MAX_NAMES = 64 * MEGABYTE
EACH_NAMED = 100


def pack(container: Container, folder: str, path: Path, top: str) -> list[str]:
    """Write the files of `folder` in the container at `path`, as `local_archive.pack` does.

    Raises TooLarge, NotADirectoryError and FileNotFoundError of `folder`, tarfile.TarError where
    the stream was cut off, OSError, and what the engine's client raises.
    """
    try:
        chunks, status = container.get_archive(folder)
    except NotFound:
        raise FileNotFoundError(2, "its files' folder is not there any more", folder) from None
    if not int((status or {}).get("mode", 0)) & GO_FOLDER:
        tar_stream.Stream(chunks).drain()
        # Following a link would pack what is not the candidate's.
        raise NotADirectoryError(20, "its files' folder is a link or a file", folder)
    packing = _Packing(container, folder)
    try:
        with writing(path, top) as archive:
            packing.take_all(archive, tar_stream.Stream(chunks))
            if packing.is_full:
                raise DiskFullError
            return sorted(archive.skipped)
    except DiskFullError:
        raise packing.sizes.too_large() from None


class _Packing:
    def __init__(self, container: Container, folder: str) -> None:
        self.sizes = Sizes()
        self.is_full = False
        self._streamed = 0
        self._names = 0
        self._container = container
        self._folder = folder
        self._written: set[str] = set()
        self._elsewhere: list[str] = []

    def take_all(self, archive: ArchiveWriter, stream: tar_stream.Stream) -> None:
        with tar_stream.reading(stream) as found:
            while (entry := found.next()) is not None:
                name = _below_top(entry.name)
                self._pass(name, entry)
                if name and not _is_left_out(name, is_folder=entry.isdir()):
                    self._take(archive, found, entry, name)
                # Or else it would remember every entry there was.
                found.members = []  # type: ignore[attr-defined]
        stream.finish()
        for name in self._elsewhere[:ELSEWHERE]:
            self._take_single(archive, name)
        archive.skipped += self._elsewhere[ELSEWHERE:]

    def _pass(self, name: str, entry: tarfile.TarInfo) -> None:
        """Before its content is read. Raises Full: no more is read, so the sizes are of a part."""
        self._streamed += entry.size + EACH_STREAMED
        if self._streamed > MAX_STREAMED:
            self.sizes.add(name, entry.size)
            raise DiskFullError

    def _take(
        self, archive: ArchiveWriter, found: tarfile.TarFile, entry: tarfile.TarInfo, name: str
    ) -> None:
        self._names += len(name) + EACH_NAMED
        if self._names > MAX_NAMES:
            raise ArchiveTooLargeError(
                "There are too many files, or names that are too long, to be saved"
            )
        self.sizes.add(name, entry.size if entry.isreg() else 0)
        if self.sizes.total > MAX_UNPACKED:
            self.is_full = True
        if self.is_full:
            return  # only the sizes are still wanted
        mode, mtime = stat.S_IMODE(entry.mode), entry.mtime
        try:
            if entry.isdir() or entry.issym():
                archive.add(name, entry.type, mode, mtime, goal=entry.linkname)
            elif entry.isreg():
                content = found.extractfile(entry)
                archive.add(name, tarfile.REGTYPE, mode, mtime, size=entry.size, content=content)
                self._written.add(name)
            elif entry.islnk():
                goal = _below_top(entry.linkname)
                if goal in self._written:
                    archive.add(name, tarfile.LNKTYPE, mode, mtime, goal=goal)
                else:
                    self._elsewhere.append(name)
        except DiskFullError:
            self.is_full = True

    def _take_single(self, archive: ArchiveWriter, name: str) -> None:
        """A file that was a further name of one that is left out, or cannot be asked for."""
        try:
            chunks, _ = self._container.get_archive(f"{self._folder}/{name}")
        except (APIError, UnicodeError):
            archive.skipped.append(name)
            return
        stream = tar_stream.Stream(chunks)
        with tar_stream.reading(stream) as found:
            entry = found.next()
            if entry is not None and entry.isreg():
                self._take(archive, found, entry, name)
        stream.finish()


def _below_top(name: str) -> str:
    """The engine puts everything below the folder's own name."""
    return name.rstrip("/").partition("/")[2]


def _is_left_out(name: str, *, is_folder: bool) -> bool:
    parts = PurePosixPath(name).parts
    folders = parts if is_folder else parts[:-1]
    return any(part in LEFT_OUT for part in folders)
