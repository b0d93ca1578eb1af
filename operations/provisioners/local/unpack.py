"""Put files that were saved before into a workspace: an archive as `local_archive.pack` makes it.

Taken out by hand, one entry at a time, into a new folder in which nothing else is at work. Links
are made last, so that nothing is ever written through one, and none of them through another.
"""

import gzip
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from operations.provisioners.archive_writer import MAX_UNPACKED, MEGABYTE, ArchiveTooLargeError
from operations.provisioners.local.workdirs import files_at_once, has_files

CHUNK = MEGABYTE
# A name or the like; what tarfile reads at once is never more.
MAX_HEADER = MEGABYTE
NAMED = 5


class DamagedArchiveError(ValueError):
    """The archive cannot be read to its end."""


def unpack(folder: Path, archive: Path, log: Callable[[str], None]) -> bool:
    """Put the archive's files into `files/`; False where there are files already.

    One that was cut off is done again. Entries beside the one top folder, devices, and links that
    lead out are left out, and the log says so. Raises OSError, DamagedArchiveError, and TooLarge.
    """
    if has_files(folder):
        return False
    with files_at_once(folder) as part:
        unpacking = _Unpacking(part)
        try:
            with gzip.open(archive) as stream:
                unpacking.take_all(_Bounded(stream))
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
            raise DamagedArchiveError(f"The saved files cannot be read: {error}") from error
    log(f"Put {unpacking.files} saved file{'' if unpacking.files == 1 else 's'} into it.")
    if left := unpacking.left_out:
        more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
        names = ", ".join(left[:NAMED])
        log(f"Left out, as they lead elsewhere or are no files: {names}{more}.")
    return True


class _Unpacking:
    def __init__(self, root: Path) -> None:
        self.files = 0
        self.left_out: list[str] = []
        self._root = root
        self._top: str | None = None
        self._size = 0
        self._folders: dict[str, int] = {}
        self._written: set[str] = set()
        self._links: list[tuple[str, str, bool]] = []

    def take_all(self, stream: "_Bounded") -> None:
        for entry, content in _entries(stream):
            path = self._path_of(entry)
            if path is None or not self._take(entry, path, content):
                self.left_out.append(_shown(entry.name))
        for path, goal, is_hard in self._links:
            if not self._link(path, goal, is_hard):
                self.left_out.append(_shown(path))
        # Only now: a folder that nobody may write to could not have been filled.
        for path, mode in sorted(self._folders.items(), reverse=True):
            (self._root / path).chmod(mode)

    def _path_of(self, entry: tarfile.TarInfo) -> str | None:
        """Below the top folder; None: it is not there, or it leads out."""
        return self._below_top(entry.name, is_folder=entry.isdir())

    def _below_top(self, name: str, *, is_folder: bool = False) -> str | None:
        top, slash, rest = name.rstrip("/").partition("/")
        if not top or top in (".", "..") or not (slash or is_folder):
            return None
        if self._top is None:
            self._top = top
        parts = rest.split("/") if rest else []
        if top != self._top or any(part in ("", ".", "..") or "\0" in part for part in parts):
            return None
        return rest

    def _take(self, entry: tarfile.TarInfo, path: str, content: BinaryIO | None) -> bool:
        mode = stat.S_IMODE(entry.mode) & 0o777
        if entry.isdir():
            return self._make_folder(path, mode)
        if not path:
            return False
        if entry.issym():
            self._links.append((path, entry.linkname, False))
        elif entry.islnk():
            goal = self._below_top(entry.linkname)
            if not goal:
                return False
            self._links.append((path, goal, True))
        elif entry.isreg() and content is not None:
            return self._make_file(path, mode, entry.mtime, content)
        else:
            return False
        return True

    def _make_folder(self, path: str, mode: int) -> bool:
        try:
            (self._root / path).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return _is_about_the_name(error)
        if path:
            self._folders[path] = mode
        return True

    def _make_file(self, path: str, mode: int, at: float, content: BinaryIO) -> bool:
        target = self._root / path
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            made = os.open(target, flags, 0o600)
        except OSError as error:
            return _is_about_the_name(error)
        with os.fdopen(made, "wb") as file:
            while chunk := content.read(CHUNK):
                self._size += len(chunk)
                if self._size > MAX_UNPACKED:
                    limit = MAX_UNPACKED // MEGABYTE
                    raise ArchiveTooLargeError(f"The saved files are more than {limit} MB")
                file.write(chunk)
            os.fchmod(made, mode)
        if 0 <= at < 2**40:
            os.utime(target, (at, at))
        self._written.add(path)
        self.files += 1
        return True

    def _link(self, path: str, goal: str, is_hard: bool) -> bool:
        target = self._root / path
        try:
            if self._leads_through_a_link(path):
                return False
            target.parent.mkdir(parents=True, exist_ok=True)
            if not is_hard:
                if not _stays_inside(path, goal):
                    return False
                target.symlink_to(goal)
            elif goal not in self._written:
                return False
            else:
                target.hardlink_to(self._root / goal)
                self.files += 1
        except OSError as error:
            return _is_about_the_name(error)
        return True

    def _leads_through_a_link(self, path: str) -> bool:
        """It would be made somewhere else than its name says, where `..` is another folder."""
        return any((self._root / above).is_symlink() for above in PurePosixPath(path).parents)


def _stays_inside(path: str, goal: str) -> bool:
    """Whether a link there may lead so. `..` only at its beginning: after the name of another link
    it would not lead to where it seems to."""
    if not goal or goal.startswith("/") or "\0" in goal:
        return False
    parts = goal.split("/")
    up = 0
    while up < len(parts) and parts[up] == "..":
        up += 1
    return up <= path.count("/") and ".." not in parts[up:]


def _is_about_the_name(error: OSError) -> bool:
    """False: leave this one out. Anything else but a name is the machine's fault, and is raised."""
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return False
    if error.errno in (36, 63, 84, 92):  # too long, or not text, on Linux or on a Mac
        return False
    raise error


def _entries(stream: "_Bounded") -> Iterator[tuple[tarfile.TarInfo, BinaryIO | None]]:
    with tarfile.open(fileobj=stream, mode="r:") as archive:  # type: ignore[call-overload]
        while (entry := archive.next()) is not None:
            content = archive.extractfile(entry) if entry.isreg() else None
            yield entry, content
            # Or else it would remember every entry there was.
            archive.members = []
    # The checksum is behind the last entry.
    stream.read_on()


def _shown(name: str) -> str:
    text = name.encode("utf-8", "backslashreplace").decode()
    text = "".join(char if char.isprintable() else "?" for char in text)
    return f"{text[:77]}…" if len(text) > 80 else text


class _Bounded:
    """The unpacked stream, of which no more than CHUNK is read at once, nor endlessly much."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self.tell = stream.tell

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if offset > 2 * MAX_UNPACKED:
            raise ArchiveTooLargeError(
                f"The saved files are more than {MAX_UNPACKED // MEGABYTE} MB"
            )
        return self._stream.seek(offset, whence)

    def read_on(self) -> None:
        """To the end, which may not be without end either."""
        while self.read(CHUNK):
            self.seek(self.tell())

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= max(MAX_HEADER, CHUNK):
            raise tarfile.ReadError("one of its entries has no end")
        return self._stream.read(size)
