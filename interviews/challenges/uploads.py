"""What staff uploads as the files of a challenge: a zip, or files; read within bounded memory.

Nothing that an archive says of itself is believed: names are judged one by one, and bytes are
counted as they are read, so that what inflates without end is refused at the limit.
"""

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import IO

from interviews.challenges import storage
from interviews.challenges.storage import MEGABYTE, shown

CHUNK = 64 * 1024
# Of an archive, with what is dropped from it.
MAX_ENTRIES = 20_000
# The list of an archive's entries, which is read at once.
MAX_LIST = 4 * MEGABYTE
# Left by other tools, and no part of a task.
DROPPED = frozenset({"__MACOSX", ".git", ".DS_Store", "Thumbs.db"})
DRIVE = re.compile(r"[A-Za-z]:")
IN_UTF_8 = 0x800
ENCRYPTED = 0x1 | 0x40 | 0x2000
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    IndexError,
    OverflowError,
    OSError,
)


class InvalidUploadError(ValueError):
    """It cannot be a challenge's files; the text is a sentence that names the entry."""


def read_zip(file: IO[bytes], *, part: bool = False) -> dict[str, bytes]:
    """path -> content of an archive's files, without one single folder around them all.

    `part`: they are to join other files, so that a folder is meant, and the README may be there
    already. Raises InvalidUploadError. `file` must be seekable; at most the limits of a challenge
    are read of it.
    """
    try:
        with zipfile.ZipFile(_Bounded(file)) as archive:
            kept = _read_entries(archive)
    except InvalidUploadError:
        raise
    except UNREADABLE:
        raise InvalidUploadError("This is not a zip archive, or it is damaged.") from None
    return kept.files(part)


def read_files(files: Iterable[tuple[str, IO[bytes]]], *, part: bool = False) -> dict[str, bytes]:
    """The same of single files, each with its path."""
    kept = _Kept()
    for path, file in files:
        kept.add(path, file.read)
    return kept.files(part)


def _read_entries(archive: zipfile.ZipFile) -> "_Kept":
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise InvalidUploadError(
            f"The archive has {len(entries):,} entries; at most {MAX_ENTRIES:,} are read."
        )
    kept = _Kept()
    for entry in entries:
        path = _name_of(entry)
        if path.endswith("/"):
            kept.add_folder(path)
            continue
        kept.expect(path)
        if _is_dropped(path):
            continue
        _check_kind(entry, path)
        try:
            with archive.open(entry) as content:
                kept.add(path, content.read)
        except InvalidUploadError:
            raise
        except UNREADABLE:
            raise InvalidUploadError(f"{shown(path)} is damaged in the archive.") from None
    return kept


def _name_of(entry: zipfile.ZipInfo) -> str:
    """As it was meant, in whatever script. The archive's own spelling: Python's is tidied up."""
    name = entry.orig_filename
    if not entry.flag_bits & IN_UTF_8:
        # The Mac's archives are in UTF-8 and do not say so.
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.filename if entry.filename.isprintable() else name
    return unicodedata.normalize("NFC", name)


def _check_kind(entry: zipfile.ZipInfo, path: str) -> None:
    if entry.flag_bits & ENCRYPTED:
        raise InvalidUploadError(f"{shown(path)} is encrypted: upload it without a password.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise InvalidUploadError(f"{shown(path)} is a symbolic link: put a copy of the file there.")
    if kind not in (0, stat.S_IFREG):
        raise InvalidUploadError(f"{shown(path)} is a device or the like, and not a file.")
    # The others are inflated a block at a time, however large that block turns out to be.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidUploadError(
            f"{shown(path)} is compressed in a way that is not read here: make an ordinary zip."
        )


def _is_dropped(path: str) -> bool:
    return not DROPPED.isdisjoint(path.split("/"))


class _Kept:
    """The files so far, within the limits; everything raises InvalidUploadError."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._names = storage.Names()
        self._total = 0

    def expect(self, path: str) -> None:
        """Is it a path that leads nowhere else?"""
        if path.startswith("/") or DRIVE.match(path):
            raise InvalidUploadError(
                f"{shown(path)} is an absolute path: files must be in the archive."
            )
        if "\\" in path:
            raise InvalidUploadError(f"{shown(path)} has a backslash in its name.")
        if ".." in path.split("/"):
            raise InvalidUploadError(f"{shown(path)} leads out of the folder.")
        _told(storage.check_path, path)

    def add_folder(self, path: str) -> None:
        """An archive's entry for a folder: nothing is kept of it but that it is none of a file."""
        bare = path.removesuffix("/")
        self.expect(bare)
        if not _is_dropped(bare):
            _told(self._names.add_folder, bare)

    def add(self, path: str, read: Callable[[int], bytes]) -> None:
        path = unicodedata.normalize("NFC", path)
        self.expect(path)
        if _is_dropped(path):
            return
        _told(self._names.add, path)
        if len(self._files) >= storage.MAX_FILES:
            raise InvalidUploadError(f"These are more than {storage.MAX_FILES:,} files.")
        content = bytearray()
        while chunk := read(CHUNK):
            content += chunk
            self._total += len(chunk)
            if len(content) > storage.MAX_FILE:
                limit = storage.MAX_FILE // MEGABYTE
                raise InvalidUploadError(f"{shown(path)} is larger than {limit} MB.")
            if self._total > storage.MAX_CHALLENGE:
                limit = storage.MAX_CHALLENGE // MEGABYTE
                raise InvalidUploadError(
                    f"The files are more than {limit} MB together; {shown(path)} was too much."
                )
        self._files[path] = bytes(content)

    def files(self, part: bool) -> dict[str, bytes]:
        if not self._files:
            raise InvalidUploadError("There are no files in it.")
        if part:
            return self._files
        files = _without_top(self._files)
        _told(storage.check_files, files)
        return files


def _without_top(files: dict[str, bytes]) -> dict[str, bytes]:
    """Whoever packs a folder means what is in it."""
    tops = {PurePosixPath(path).parts[0] for path in files}
    if len(tops) > 1 or any("/" not in path for path in files):
        return files
    return {path.partition("/")[2]: content for path, content in files.items()}


def _told(judge: Callable[[str], None] | Callable[[dict[str, bytes]], None], what: object) -> None:
    try:
        judge(what)  # type: ignore[arg-type]
    except ValueError as error:
        raise InvalidUploadError(str(error)) from None


class _Bounded:
    """A file of which nothing endless is read at once: the list of the entries is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek = file.seek
        self.tell = file.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > MAX_LIST:
            raise InvalidUploadError("The archive has far too many entries.")
        return self._file.read(MAX_LIST if size < 0 else size)
