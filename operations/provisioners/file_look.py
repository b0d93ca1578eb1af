"""Look at the files of a workspace while the candidate works, and read those that changed.

It takes no lock and stops nothing. A file counts as changed by its ctime, which no program can set
back. In a container this module is a part of a program of its own (`look_stream`), so that it
imports nothing but the standard library and `regenerable`.
"""

import errno
import hashlib
import os
import stat
import sys
import time
from collections.abc import Collection, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from operations.provisioners.regenerable import RegenerableFolders

MEGABYTE = 1024 * 1024
# Larger files are listed with their size, without their content.
MAX_FILE_BYTES = 5 * MEGABYTE
# What one look reads at most; the rest is read by the next one.
MAX_READ_BYTES = 100 * MEGABYTE
MAX_ENTRIES = 50_000
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Folders within each other, each of which is held open.
MAX_DEPTH = 100
# A clock of files may be this late against the one that `started_ns` is from.
CLOCK_MARGIN_NS = 2_000_000_000

# What can happen to a name while its folder is read: it is gone, or is another thing by now.
VANISHED = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
DIGEST_BYTES = 8


class Unread(StrEnum):
    """Why a changed file comes without its content."""

    LARGE = "large"
    # It was written while it was read. The next look has it.
    TORN = "torn"
    UNREADABLE = "unreadable"
    # This look has read enough. The next look has it.
    LATER = "later"
    # It is a folder, and what is in it is not known.
    FOLDER = "folder"


# As `os.fsencode`, in half the time.
_ENCODING, _ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
# As the class itself, in a third of the time.
_new_tuple = tuple.__new__


class TooManyFilesError(Exception):
    """The folder has more than MAX_ENTRIES files."""

    def __init__(self) -> None:
        super().__init__(f"There are more than {MAX_ENTRIES:,} files, so progress isn't kept")


class SeenFile(NamedTuple):
    """A regular file, or a link with its `target`; a tuple, because a look makes thousands.

    `content` is None if the file did not change since the time that was asked for, or if `unread`
    says why.
    """

    path: bytes
    is_link: bool
    mode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    target: bytes = b""
    content: bytes | None = None
    unread: Unread | None = None


# Inode, ctime and size.
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class FileLook:
    """The files in no order. `started_ns` is the engine's time before the first one was looked at:
    what changes later has a later ctime."""

    started_ns: int
    files: Generator[SeenFile]


def look_at_folder(
    folder: str, since_ns: int, starting_paths: Collection[str], known: Iterable[Stamp] = ()
) -> FileLook:
    """Look at a folder of this machine; contents are those changed at `since_ns` or later.

    Of these, `known` ones were read before. They are read once more after all others, as far as
    there is room: a file may have been written again within the same tick of the clock.
    Links are never followed; pipes, sockets and devices are left out.

    Raises:
        TooManyFilesError: while the files are read.
        OSError: if the folder cannot be listed, while the files are read.
    """
    return look_with_digests(folder, since_ns, starting_paths, set(map(digest_of, known)))


def look_with_digests(
    folder: str, since_ns: int, starting_paths: Collection[str], known: set[bytes]
) -> FileLook:
    """As `look_at_folder`, with the digests of the `known` files."""
    return FileLook(time.time_ns(), _Walk(folder, since_ns, starting_paths, known).files())


def digest_of(stamp: Stamp) -> bytes:
    return hashlib.blake2b(repr(stamp).encode(), digest_size=DIGEST_BYTES).digest()


class _Walk:
    def __init__(
        self, folder: str, since_ns: int, starting_paths: Collection[str], known: set[bytes]
    ) -> None:
        self._folder = folder
        self._root = -1
        self._since_ns = since_ns - CLOCK_MARGIN_NS
        self._entries = 0
        self._read_bytes = 0
        self._known = known
        # The known files that may have changed all the same: their folders, and their names.
        self._postponed: list[tuple[str, str]] = []
        self._regenerable = RegenerableFolders(starting_paths, self._is_file)

    def files(self) -> Generator[SeenFile]:
        # The open folders from the root to the current one, each with the names left in it.
        opened: list[tuple[int, str, list[str]]] = []
        try:
            self._root = os.open(self._folder, FOLDER_FLAGS)
            opened.append((self._root, "", []))
            yield from self._files_in(*opened[-1])
            while opened:
                parent, path, names = opened[-1]
                if not names:
                    os.close(opened.pop()[0])
                    continue
                name = names.pop()
                try:
                    child = os.open(name, FOLDER_FLAGS, dir_fd=parent)
                    opened.append((child, f"{path}{name}/", []))
                    yield from self._files_in(*opened[-1], is_last=len(opened) > MAX_DEPTH)
                except OSError as error:
                    if error.errno not in VANISHED:
                        yield _unread_folder(path + name)
        finally:
            for descriptor, _, _ in opened:
                os.close(descriptor)
        for path, name in self._postponed:
            with suppress(OSError):
                yield from self._known_file(path, name)

    def _known_file(self, path: str, name: str) -> Generator[SeenFile]:
        folder = os.open(self._folder, FOLDER_FLAGS)
        try:
            for part in path.split("/")[:-1]:
                child = os.open(part, FOLDER_FLAGS, dir_fd=folder)
                os.close(folder)
                folder = child
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            seen = self._seen(folder, path, name, status, is_again=True)
            if seen is not None:
                yield seen
        finally:
            os.close(folder)

    def _files_in(
        self, folder: int, path: str, folders: list[str], *, is_last: bool = False
    ) -> Generator[SeenFile]:
        """Yield the files directly in a folder, and add the names of its folders to `folders`."""
        with os.scandir(folder) as scan:
            for entry in scan:
                self._entries += 1
                if self._entries > MAX_ENTRIES:
                    raise TooManyFilesError
                if entry.is_dir(follow_symlinks=False):
                    is_made = self._regenerable.outermost(path + entry.name, is_folder=True)
                    if is_made is None and not is_last:
                        folders.append(entry.name)
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                    if not stat.S_ISREG(status.st_mode) or status.st_ctime_ns >= self._since_ns:
                        seen = self._seen(folder, path, entry.name, status)
                    else:
                        # Most files are such, and this is most of a look's time.
                        seen = _seen_file(path + entry.name, status)
                except FileNotFoundError:
                    continue
                if seen is not None:
                    yield seen

    def _seen(
        self,
        folder: int,
        path: str,
        name: str,
        status: os.stat_result,
        *,
        is_again: bool = False,
    ) -> SeenFile | None:
        is_link = stat.S_ISLNK(status.st_mode)
        if not is_link and not stat.S_ISREG(status.st_mode):
            return None
        target = os.fsencode(os.readlink(name, dir_fd=folder)) if is_link else b""
        content, unread = None, None
        if not is_link and status.st_ctime_ns >= self._since_ns:
            is_known = bool(self._known) and self._is_known(status)
            if is_known and not is_again:
                self._postponed.append((path, name))
                return None
            content, status, unread = self._read(folder, name, status)
            if is_known and unread is Unread.LATER:
                unread = None
        seen = _seen_file(path + name, status)
        if is_link:
            return seen._replace(is_link=True, size=0, target=target)
        return seen._replace(content=content, unread=unread)

    def _read(
        self, folder: int, name: str, status: os.stat_result
    ) -> tuple[bytes | None, os.stat_result, Unread | None]:
        if status.st_size > MAX_FILE_BYTES:
            return None, status, Unread.LARGE
        if self._read_bytes + status.st_size > MAX_READ_BYTES:
            return None, status, Unread.LATER
        try:
            # It may have become a pipe or a link since: do not block, do not follow.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(name, flags, dir_fd=folder)
        except FileNotFoundError:
            raise
        except OSError:
            return None, status, Unread.UNREADABLE
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(descriptor)
            try:
                content = file.read(MAX_FILE_BYTES + 1)
            except OSError:
                return None, status, Unread.UNREADABLE
            after = os.fstat(descriptor)
        self._read_bytes += len(content)
        is_whole = (
            stat.S_ISREG(before.st_mode)
            and _stamp(before) == _stamp(after)
            and len(content) == after.st_size
        )
        return (content, after, None) if is_whole else (None, status, Unread.TORN)

    def _is_known(self, status: os.stat_result) -> bool:
        return digest_of((status.st_ino, status.st_ctime_ns, status.st_size)) in self._known

    def _is_file(self, path: str) -> bool:
        try:
            status = os.stat(path, dir_fd=self._root, follow_symlinks=False)
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode)


def _seen_file(path: str, status: os.stat_result) -> SeenFile:
    """A regular file that was not read."""
    return _new_tuple(
        SeenFile,
        (
            path.encode(_ENCODING, _ERRORS),
            False,
            status.st_mode & 0o777,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_ino,
            b"",
            None,
            None,
        ),
    )


def _unread_folder(path: str) -> SeenFile:
    return SeenFile(os.fsencode(path), False, 0, 0, 0, 0, 0, unread=Unread.FOLDER)


def _stamp(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
