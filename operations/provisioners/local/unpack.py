"""Unpack a saved archive, as `archive.pack_folder` writes it, into a workspace.

This code extracts one entry at a time into a new folder that no other program uses. It creates
links last, so that no file and no other link is ever written through one.
"""

import gzip
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from operations.provisioners.archive_writer import (
    MAX_UNPACKED_BYTES,
    MEGABYTE,
    NOT_SAVED_SUFFIX,
    ArchiveTooLargeError,
)
from operations.provisioners.bounded_stream import CHUNK_BYTES, BoundedStream
from operations.provisioners.local.workdirs import fill_files_folder, has_files

MAX_LISTED_NAMES = 5


class DamagedArchiveError(ValueError):
    """The archive cannot be read completely."""


def unpack_archive(folder: Path, archive: Path, log: Callable[[str], None]) -> bool:
    """Unpack the archive into `files/`; return False if that folder exists already.

    This starts again if an earlier call was cut off. It skips entries outside the one top folder,
    devices, and links that lead out of it, and logs their names.

    Raises:
        DamagedArchiveError: if the archive cannot be read.
        ArchiveTooLargeError: if the unpacked files exceed MAX_UNPACKED_BYTES.
        OSError: if the files cannot be written.
    """
    if has_files(folder):
        return False
    with fill_files_folder(folder) as part:
        unpacker = _Unpacker(part)
        try:
            with gzip.open(archive) as stream:
                unpacker.unpack_all(BoundedStream(stream))
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
            raise DamagedArchiveError(f"The saved files can't be read: {error}") from error
    log(f"Restored {unpacker.files} saved file{'' if unpacker.files == 1 else 's'}.")
    if skipped := unpacker.skipped:
        hidden = len(skipped) - MAX_LISTED_NAMES
        rest = f" and {hidden} more" if hidden > 0 else ""
        names = ", ".join(skipped[:MAX_LISTED_NAMES])
        log(f"Not restored, as they lead outside or aren't files: {names}{rest}.")
    return True


class _Unpacker:
    def __init__(self, root: Path) -> None:
        self.files = 0
        self.skipped: list[str] = []
        self._root = root
        self._top: str | None = None
        self._size = 0
        self._folders: dict[str, int] = {}
        self._written: set[str] = set()
        self._links: list[tuple[str, str, bool]] = []

    def unpack_all(self, stream: BoundedStream) -> None:
        for entry, content in _read_entries(stream):
            if "/" not in entry.name and entry.name.endswith(NOT_SAVED_SUFFIX):
                continue  # the list of what is not saved, which is no file of the candidate
            path = self._path_of(entry)
            if path is None or not self._unpack(entry, path, content):
                self.skipped.append(_printable_name(entry.name))
        for path, target, is_hard in self._links:
            if not self._link(path, target, is_hard):
                self.skipped.append(_printable_name(path))
        # Modes come last, because a read-only folder cannot be filled.
        for path, mode in sorted(self._folders.items(), reverse=True):
            (self._root / path).chmod(mode)

    def _path_of(self, entry: tarfile.TarInfo) -> str | None:
        """Return the path below the top folder, or None if the entry is not inside it."""
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

    def _unpack(self, entry: tarfile.TarInfo, path: str, content: BinaryIO | None) -> bool:
        mode = stat.S_IMODE(entry.mode) & 0o777
        if entry.isdir():
            return self._make_folder(path, mode)
        if not path:
            return False
        if entry.issym():
            self._links.append((path, entry.linkname, False))
        elif entry.islnk():
            target = self._below_top(entry.linkname)
            if not target:
                return False
            self._links.append((path, target, True))
        elif entry.isreg() and content is not None:
            return self._make_file(path, mode, entry.mtime, content)
        else:
            return False
        return True

    def _make_folder(self, path: str, mode: int) -> bool:
        try:
            (self._root / path).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return _skip_bad_name(error)
        if path:
            self._folders[path] = mode
        return True

    def _make_file(self, path: str, mode: int, mtime: float, content: BinaryIO) -> bool:
        target = self._root / path
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(target, flags, 0o600)
        except OSError as error:
            return _skip_bad_name(error)
        with os.fdopen(descriptor, "wb") as file:
            while chunk := content.read(CHUNK_BYTES):
                self._size += len(chunk)
                if self._size > MAX_UNPACKED_BYTES:
                    limit = MAX_UNPACKED_BYTES // MEGABYTE
                    raise ArchiveTooLargeError(f"The saved files are more than {limit} MB")
                file.write(chunk)
            os.fchmod(descriptor, mode)
        if 0 <= mtime < 2**40:
            os.utime(target, (mtime, mtime))
        self._written.add(path)
        self.files += 1
        return True

    def _link(self, path: str, target: str, is_hard: bool) -> bool:
        link = self._root / path
        try:
            if self._leads_through_a_link(path):
                return False
            link.parent.mkdir(parents=True, exist_ok=True)
            if not is_hard:
                if not _stays_inside(path, target):
                    return False
                link.symlink_to(target)
            elif target not in self._written:
                return False
            else:
                link.hardlink_to(self._root / target)
                self.files += 1
        except OSError as error:
            return _skip_bad_name(error)
        return True

    def _leads_through_a_link(self, path: str) -> bool:
        """Return whether a parent is a link: the new link's `..` would then mean another folder."""
        return any((self._root / above).is_symlink() for above in PurePosixPath(path).parents)


def _stays_inside(path: str, target: str) -> bool:
    """Return whether a symbolic link at `path` to `target` stays inside the folder.

    Allows `..` only at the beginning: after the name of another link it would lead elsewhere.
    """
    if not target or target.startswith("/") or "\0" in target:
        return False
    parts = target.split("/")
    up = 0
    while up < len(parts) and parts[up] == "..":
        up += 1
    return up <= path.count("/") and ".." not in parts[up:]


def _skip_bad_name(error: OSError) -> bool:
    """Return False if the entry's name caused the error, so that the entry is skipped.

    Raises:
        OSError: the same error, if the machine caused it.
    """
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return False
    if error.errno in (36, 63, 84, 92):  # ENAMETOOLONG and EILSEQ on Linux and macOS
        return False
    raise error


def _read_entries(stream: BoundedStream) -> Iterator[tuple[tarfile.TarInfo, BinaryIO | None]]:
    with tarfile.open(fileobj=stream, mode="r:") as archive:  # type: ignore[call-overload]
        while (entry := archive.next()) is not None:
            content = archive.extractfile(entry) if entry.isreg() else None
            yield entry, content
            # tarfile would otherwise keep every entry in memory.
            archive.members = []
    # gzip verifies its checksum at the end of the stream.
    stream.drain()


def _printable_name(name: str) -> str:
    text = name.encode("utf-8", "backslashreplace").decode()
    text = "".join(char if char.isprintable() else "?" for char in text)
    return f"{text[:77]}…" if len(text) > 80 else text
