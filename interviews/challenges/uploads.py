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
from interviews.challenges.storage import MEGABYTE, printable_path

CHUNK_BYTES = 64 * 1024
# Of an archive, with what is dropped from it.
MAX_ENTRIES = 20_000
# The list of an archive's entries, which is read at once.
MAX_DIRECTORY_BYTES = 4 * MEGABYTE
# Left by other tools, and no part of a task.
IGNORED_NAMES = frozenset({"__MACOSX", ".git", ".DS_Store", "Thumbs.db"})
WINDOWS_DRIVE = re.compile(r"[A-Za-z]:")
UTF_8_FLAG = 0x800
ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
ZIP_ERRORS = (
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
        with zipfile.ZipFile(_BoundedReader(file)) as archive:
            kept = _read_entries(archive)
    except InvalidUploadError:
        raise
    except ZIP_ERRORS:
        raise InvalidUploadError("This is not a zip archive, or it is damaged.") from None
    return kept.files(part)


def read_files(files: Iterable[tuple[str, IO[bytes]]], *, part: bool = False) -> dict[str, bytes]:
    """The same of single files, each with its path."""
    kept = _UploadCollector()
    for path, file in files:
        kept.add(path, file.read)
    return kept.files(part)


def _read_entries(archive: zipfile.ZipFile) -> "_UploadCollector":
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise InvalidUploadError(
            f"The archive has {len(entries):,} entries; at most {MAX_ENTRIES:,} are read."
        )
    kept = _UploadCollector()
    for entry in entries:
        path = _decode_name(entry)
        if path.endswith("/"):
            kept.add_folder(path)
            continue
        kept.expect(path)
        if _is_ignored(path):
            continue
        _check_entry(entry, path)
        try:
            with archive.open(entry) as content:
                kept.add(path, content.read)
        except InvalidUploadError:
            raise
        except ZIP_ERRORS:
            raise InvalidUploadError(f"{printable_path(path)} is damaged in the archive.") from None
    return kept


def _decode_name(entry: zipfile.ZipInfo) -> str:
    """As it was meant, in whatever script. The archive's own spelling: Python's is tidied up."""
    name = entry.orig_filename
    if not entry.flag_bits & UTF_8_FLAG:
        # The Mac's archives are in UTF-8 and do not say so.
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.filename if entry.filename.isprintable() else name
    return unicodedata.normalize("NFC", name)


def _check_entry(entry: zipfile.ZipInfo, path: str) -> None:
    if entry.flag_bits & ENCRYPTED_FLAGS:
        raise InvalidUploadError(
            f"{printable_path(path)} is encrypted: upload it without a password."
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise InvalidUploadError(
            f"{printable_path(path)} is a symbolic link: put a copy of the file there."
        )
    if kind not in (0, stat.S_IFREG):
        raise InvalidUploadError(f"{printable_path(path)} is a device or the like, and not a file.")
    # The others are inflated a block at a time, however large that block turns out to be.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidUploadError(
            f"{printable_path(path)} is compressed in a way that is not read here: "
            "make an ordinary zip."
        )


def _is_ignored(path: str) -> bool:
    return not IGNORED_NAMES.isdisjoint(path.split("/"))


class _UploadCollector:
    """The files so far, within the limits; everything raises InvalidUploadError."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._names = storage.PathRegistry()
        self._total = 0

    def expect(self, path: str) -> None:
        """Is it a path that leads nowhere else?"""
        if path.startswith("/") or WINDOWS_DRIVE.match(path):
            raise InvalidUploadError(
                f"{printable_path(path)} is an absolute path: files must be in the archive."
            )
        if "\\" in path:
            raise InvalidUploadError(f"{printable_path(path)} has a backslash in its name.")
        if ".." in path.split("/"):
            raise InvalidUploadError(f"{printable_path(path)} leads out of the folder.")
        _check_upload(storage.check_path, path)

    def add_folder(self, path: str) -> None:
        """An archive's entry for a folder: nothing is kept of it but that it is none of a file."""
        bare = path.removesuffix("/")
        self.expect(bare)
        if not _is_ignored(bare):
            _check_upload(self._names.add_folder, bare)

    def add(self, path: str, read: Callable[[int], bytes]) -> None:
        path = unicodedata.normalize("NFC", path)
        self.expect(path)
        if _is_ignored(path):
            return
        _check_upload(self._names.add, path)
        if len(self._files) >= storage.MAX_FILES:
            raise InvalidUploadError(f"These are more than {storage.MAX_FILES:,} files.")
        content = bytearray()
        while chunk := read(CHUNK_BYTES):
            content += chunk
            self._total += len(chunk)
            if len(content) > storage.MAX_FILE_BYTES:
                limit = storage.MAX_FILE_BYTES // MEGABYTE
                raise InvalidUploadError(f"{printable_path(path)} is larger than {limit} MB.")
            if self._total > storage.MAX_CHALLENGE_BYTES:
                limit = storage.MAX_CHALLENGE_BYTES // MEGABYTE
                raise InvalidUploadError(
                    f"The files are more than {limit} MB together; "
                    f"{printable_path(path)} was too much."
                )
        self._files[path] = bytes(content)

    def files(self, part: bool) -> dict[str, bytes]:
        if not self._files:
            raise InvalidUploadError("There are no files in it.")
        if part:
            return self._files
        files = _strip_top_folder(self._files)
        _check_upload(storage.check_files, files)
        return files


def _strip_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Whoever packs a folder means what is in it."""
    tops = {PurePosixPath(path).parts[0] for path in files}
    if len(tops) > 1 or any("/" not in path for path in files):
        return files
    return {path.partition("/")[2]: content for path, content in files.items()}


def _check_upload(
    judge: Callable[[str], None] | Callable[[dict[str, bytes]], None], what: object
) -> None:
    try:
        judge(what)  # type: ignore[arg-type]
    except ValueError as error:
        raise InvalidUploadError(str(error)) from None


class _BoundedReader:
    """A file of which nothing endless is read at once: the list of the entries is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek = file.seek
        self.tell = file.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise InvalidUploadError("The archive has far too many entries.")
        return self._file.read(MAX_DIRECTORY_BYTES if size < 0 else size)
