"""Read uploaded challenge files, from a zip or as single files, within bounded memory.

The metadata of an archive is not trusted: each name is checked, and bytes are counted while they
are read, so that a zip bomb is rejected at the limit.
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
from interviews.challenges.starting_files import StartingFiles, has_shebang
from interviews.challenges.storage import MEGABYTE, printable_path

CHUNK_BYTES = 64 * 1024
# Entries of an archive, including ignored ones.
MAX_ENTRIES = 20_000
# zipfile reads the central directory of an archive in one read.
MAX_DIRECTORY_BYTES = 4 * MEGABYTE
# Files of other tools that are no part of a challenge.
IGNORED_NAMES = frozenset({"__MACOSX", ".git", ".DS_Store", "Thumbs.db"})
WINDOWS_DRIVE = re.compile(r"[A-Za-z]:")
UTF_8_FLAG = 0x800
# The "version made by" of archives with Unix modes, by section 4.4.2 of PKWARE's APPNOTE.
CREATED_ON_UNIX = 3
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
    """The upload is no valid set of challenge files; the message names the entry."""


def read_zip(file: IO[bytes], *, part: bool = False) -> StartingFiles:
    """Return the files of a zip, without a single top folder around all of them.

    With `part`, the files are added to others: the top folder stays, and a README is not required.
    `file` must be seekable; at most the limits of a challenge are read.

    Raises:
        InvalidUploadError: if the zip or a file in it is invalid.
    """
    try:
        with zipfile.ZipFile(_BoundedReader(file)) as archive:
            collector = _read_entries(archive)
    except InvalidUploadError:
        raise
    except ZIP_ERRORS:
        raise InvalidUploadError("This is not a zip archive, or it is damaged.") from None
    return collector.files(part)


def read_files(files: Iterable[tuple[str, IO[bytes]]], *, part: bool = False) -> StartingFiles:
    """Return single files by path; `part` is as in `read_zip`.

    Raises:
        InvalidUploadError: if a file is invalid.
    """
    collector = _UploadCollector()
    for path, file in files:
        collector.add(path, file.read)
    return collector.files(part)


def _read_entries(archive: zipfile.ZipFile) -> "_UploadCollector":
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise InvalidUploadError(
            f"The archive has {len(entries):,} entries; at most {MAX_ENTRIES:,} are read."
        )
    collector = _UploadCollector()
    for entry in entries:
        path = _decode_name(entry)
        if path.endswith("/"):
            collector.add_folder(path)
            continue
        collector.check_path(path)
        if _is_ignored(path):
            continue
        _check_entry(entry, path)
        try:
            with archive.open(entry) as content:
                collector.add(path, content.read, executable=_is_executable(entry))
        except InvalidUploadError:
            raise
        except ZIP_ERRORS:
            raise InvalidUploadError(f"{printable_path(path)} is damaged in the archive.") from None
    return collector


def _decode_name(entry: zipfile.ZipInfo) -> str:
    """Return the name as its author wrote it, in any script; Python's `filename` is sanitized."""
    name = entry.orig_filename
    if not entry.flag_bits & UTF_8_FLAG:
        # Archives made by macOS use UTF-8 without setting the flag.
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
    # Python does not limit how much the other methods decompress at a time.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidUploadError(
            f"{printable_path(path)} is compressed in a way that is not read here: "
            "make an ordinary zip."
        )


def _is_executable(entry: zipfile.ZipInfo) -> bool | None:
    """Return the owner's execute bit, or None if the archive has no modes."""
    mode = stat.S_IMODE(entry.external_attr >> 16)
    if entry.create_system != CREATED_ON_UNIX or not mode:
        return None
    return bool(mode & stat.S_IXUSR)


def _is_ignored(path: str) -> bool:
    return not IGNORED_NAMES.isdisjoint(path.split("/"))


class _UploadCollector:
    """Collects files within the limits; each method raises InvalidUploadError for a bad file."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._executable: set[str] = set()
        self._paths = storage.PathRegistry()
        self._total = 0

    def check_path(self, path: str) -> None:
        """Check that the path stays inside the challenge's folder."""
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
        """Register an archive's folder entry, to detect a file of the same name."""
        folder = path.removesuffix("/")
        self.check_path(folder)
        if not _is_ignored(folder):
            _check_upload(self._paths.add_folder, folder)

    def add(
        self, path: str, read: Callable[[int], bytes], *, executable: bool | None = None
    ) -> None:
        """Add a file; without a known mode it is executable if it begins with `#!`."""
        path = unicodedata.normalize("NFC", path)
        self.check_path(path)
        if _is_ignored(path):
            return
        _check_upload(self._paths.add, path)
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
        if has_shebang(content) if executable is None else executable:
            self._executable.add(path)

    def files(self, part: bool) -> StartingFiles:
        if not self._files:
            raise InvalidUploadError("There are no files in it.")
        files = StartingFiles(self._files, self._executable)
        if part:
            return files
        files = _strip_top_folder(files)
        _check_upload(storage.check_files, files)
        return files


def _strip_top_folder(files: StartingFiles) -> StartingFiles:
    """Remove the single top folder that packing a folder adds."""
    tops = {PurePosixPath(path).parts[0] for path in files}
    if len(tops) > 1 or any("/" not in path for path in files):
        return files
    return files.without_top_folder()


def _check_upload(
    check: Callable[[str], None] | Callable[[StartingFiles], None], value: object
) -> None:
    try:
        check(value)  # type: ignore[arg-type]
    except ValueError as error:
        raise InvalidUploadError(str(error)) from None


class _BoundedReader:
    """A file with bounded reads, since zipfile reads the whole central directory at once."""

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
