"""Read uploaded challenge files, from a zip or as single files, within bounded memory.

The metadata of an archive is not trusted: each name is checked, and bytes are counted while they
are read, so that a zip bomb is rejected at the limit.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO

from django.utils.translation import gettext as _

from interviews.challenges.desktop_files import ignored_part
from interviews.challenges.storage import MEGABYTE, grouped, printable_path
from interviews.challenges.upload_collector import UploadCollector
from interviews.challenges.upload_report import (
    InvalidNameEncodingError,
    InvalidUploadError,
    Upload,
    UploadReport,
)
from interviews.challenges.zip_names import (
    NameEncoding,
    UnfitEncodingError,
    ZipNames,
    decode_names,
)

__all__ = [
    "InvalidNameEncodingError",
    "InvalidUploadError",
    "Upload",
    "UploadReport",
    "read_files",
    "read_zip",
    "read_zip_names",
]

# Entries of an archive, including ignored ones.
MAX_ENTRIES = 20_000
# zipfile reads the central directory of an archive in one read.
MAX_DIRECTORY_BYTES = 4 * MEGABYTE
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


def read_zip(
    file: IO[bytes], *, part: bool = False, name_encoding: NameEncoding | None = None
) -> Upload:
    """Return the files of a zip, without a single top folder around all of them.

    With `part`, the files are added to others: the top folder stays, and a README is not required.
    `name_encoding` is that of names that do not say theirs; without it, it is guessed.
    `file` must be seekable; at most the limits of a challenge are read.

    Raises:
        InvalidNameEncodingError: if the names are not in `name_encoding`.
        InvalidUploadError: if the zip or a file in it is invalid.
    """
    try:
        with zipfile.ZipFile(_BoundedReader(file)) as archive:
            names = _decode_names(archive, name_encoding)
            collector = _read_entries(archive, names)
    except InvalidUploadError:
        raise
    except ZIP_ERRORS:
        raise InvalidUploadError(_("This isn't a zip archive, or it's damaged.")) from None
    return collector.upload(part)


def read_zip_names(file: IO[bytes]) -> ZipNames:
    """Return the names of a zip, of which only the end is needed: its central directory.

    Raises:
        InvalidUploadError: if the directory cannot be read.
    """
    try:
        with zipfile.ZipFile(_BoundedReader(file)) as archive:
            return _decode_names(archive, None)
    except InvalidUploadError:
        raise
    except ZIP_ERRORS:
        raise InvalidUploadError(_("This isn't a zip archive, or it's damaged.")) from None


def read_files(files: Iterable[tuple[str, IO[bytes]]], *, part: bool = False) -> Upload:
    """Return single files by path; `part` is as in `read_zip`.

    Raises:
        InvalidUploadError: if a file is invalid.
    """
    collector = UploadCollector()
    for path, file in files:
        collector.add(path, file.read)
    return collector.upload(part)


def _decode_names(archive: zipfile.ZipFile, encoding: NameEncoding | None) -> ZipNames:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise InvalidUploadError(
            _("The archive has %(count)s entries. The limit is %(limit)s.")
            % {"count": grouped(len(entries)), "limit": grouped(MAX_ENTRIES)}
        )
    try:
        return decode_names(entries, encoding)
    except UnfitEncodingError as error:
        raise InvalidNameEncodingError(str(error)) from None


def _read_entries(archive: zipfile.ZipFile, names: ZipNames) -> UploadCollector:
    collector = UploadCollector()
    collector.report.name_encoding = names.encoding
    collector.report.readings = names.readings
    for entry, path in zip(archive.infolist(), names.names, strict=True):
        if not path and entry.orig_filename:
            continue
        if path.endswith("/"):
            collector.add_folder(path)
            continue
        collector.check_path(path)
        if ignored_part(path):
            collector.leave_out(path)
            continue
        _check_entry(entry, path)
        try:
            with archive.open(entry) as content:
                collector.add(path, content.read, executable=_is_executable(entry))
        except InvalidUploadError:
            raise
        except ZIP_ERRORS:
            raise InvalidUploadError(
                _("%(path)s is damaged in the archive.") % {"path": printable_path(path)}
            ) from None
    return collector


def _check_entry(entry: zipfile.ZipInfo, path: str) -> None:
    if entry.flag_bits & ENCRYPTED_FLAGS:
        raise InvalidUploadError(
            _("%(path)s is encrypted. Upload it without a password.")
            % {"path": printable_path(path)}
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise InvalidUploadError(
            _("%(path)s is a symbolic link. Replace it with a copy of the file.")
            % {"path": printable_path(path)}
        )
    if kind not in (0, stat.S_IFREG):
        raise InvalidUploadError(
            _("%(path)s isn't a regular file.") % {"path": printable_path(path)}
        )
    # Python does not limit how much the other methods decompress at a time.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidUploadError(
            _("%(path)s uses a compression that isn't supported. Make an ordinary zip.")
            % {"path": printable_path(path)}
        )


def _is_executable(entry: zipfile.ZipInfo) -> bool | None:
    """Return the owner's execute bit, or None if the archive has no modes."""
    mode = stat.S_IMODE(entry.external_attr >> 16)
    if entry.create_system != CREATED_ON_UNIX or not mode:
        return None
    return bool(mode & stat.S_IXUSR)


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
            raise InvalidUploadError(_("The archive has far too many entries."))
        return self._file.read(MAX_DIRECTORY_BYTES if size < 0 else size)
