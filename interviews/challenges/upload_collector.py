"""Collect the files of an upload within the limits, and report what is left out."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from interviews.challenges import storage
from interviews.challenges.desktop_files import (
    APPLE_DOUBLE_MAGIC,
    ignored_part,
    is_apple_double,
)
from interviews.challenges.starting_files import StartingFiles, has_shebang
from interviews.challenges.storage import MEGABYTE, printable_path
from interviews.challenges.text_encoding import as_plain_utf_8
from interviews.challenges.upload_report import (
    Converted,
    InvalidUploadError,
    Upload,
    UploadReport,
)

CHUNK_BYTES = 64 * 1024
WINDOWS_DRIVE = re.compile(r"[A-Za-z]:")


class UploadCollector:
    """Collects files within the limits; each method raises InvalidUploadError for a bad file."""

    def __init__(self) -> None:
        self.report = UploadReport()
        self._files: dict[str, bytes] = {}
        self._executable: set[str] = set()
        # The folders that have an entry of their own, in the order of the archive.
        self._folders: dict[str, None] = {}
        self._left_out: dict[str, None] = {}
        self._paths = storage.PathRegistry()
        self._total = 0

    def check_path(self, path: str) -> None:
        """Check that the path stays inside the challenge's folder."""
        if path.startswith("/") or WINDOWS_DRIVE.match(path):
            raise InvalidUploadError(
                _("%(path)s is an absolute path. Use paths inside the archive.")
                % {"path": printable_path(path)}
            )
        if "\\" in path:
            raise InvalidUploadError(
                _("%(path)s has a backslash in its name.") % {"path": printable_path(path)}
            )
        if ".." in path.split("/"):
            raise InvalidUploadError(
                _("%(path)s leads out of the folder.") % {"path": printable_path(path)}
            )
        _check_upload(storage.check_path, path)

    def leave_out(self, path: str) -> None:
        """Report a path that is left out, or the folder for which it is."""
        part = ignored_part(path) or path
        self._left_out[part] = None

    def add_folder(self, path: str) -> None:
        """Register an archive's folder entry, to detect a file of the same name."""
        folder = path.removesuffix("/")
        self.check_path(folder)
        if ignored_part(path):
            self.leave_out(path)
            return
        _check_upload(self._paths.add_folder, folder)
        self._folders[folder] = None

    def add(
        self, path: str, read: Callable[[int], bytes], *, executable: bool | None = None
    ) -> None:
        """Add a file; without a known mode it is executable if it begins with `#!`."""
        path = unicodedata.normalize("NFC", path)
        self.check_path(path)
        if ignored_part(path):
            self.leave_out(path)
            return
        content = bytearray(read(len(APPLE_DOUBLE_MAGIC)))
        if is_apple_double(path, content):
            self.leave_out(path)
            return
        _check_upload(self._paths.add, path)
        if len(self._files) >= storage.MAX_FILES:
            raise InvalidUploadError(
                _("A challenge can have %(limit)s files at most.")
                % {"limit": storage.grouped(storage.MAX_FILES)}
            )
        self._read_rest(path, content, read)
        self._files[path] = bytes(content)
        if has_shebang(content) if executable is None else executable:
            self._executable.add(path)

    def _read_rest(self, path: str, content: bytearray, read: Callable[[int], bytes]) -> None:
        self._total += len(content)
        while chunk := read(CHUNK_BYTES):
            content += chunk
            self._total += len(chunk)
            if len(content) > storage.MAX_FILE_BYTES:
                limit = storage.MAX_FILE_BYTES // MEGABYTE
                raise InvalidUploadError(
                    _("%(path)s is larger than %(limit)s MB.")
                    % {"path": printable_path(path), "limit": limit}
                )
            if self._total > storage.MAX_CHALLENGE_BYTES:
                limit = storage.MAX_CHALLENGE_BYTES // MEGABYTE
                raise InvalidUploadError(
                    _("With %(path)s, the files are larger than %(limit)s MB together.")
                    % {"path": printable_path(path), "limit": limit}
                )

    def upload(self, part: bool) -> Upload:
        """Return what was collected; `part` is as in `read_zip`."""
        if not self._files:
            raise InvalidUploadError(_("The upload has no files."))
        files = StartingFiles(self._files, self._executable)
        if not part:
            files = _strip_top_folder(files)
        files = self._convert(files)
        if not part:
            _check_upload(storage.check_files, files)
        self.report.left_out = list(self._left_out)
        self.report.empty_folders = self._empty_folders()
        return Upload(files, self.report)

    def _convert(self, files: StartingFiles) -> StartingFiles:
        for path, content in files.items():
            plain, was = as_plain_utf_8(path, content)
            if was is not None:
                executable = [path] if path in files.executable else []
                files |= StartingFiles({path: plain}, executable)
                self.report.converted.append(Converted(path, was))
        return files

    def _empty_folders(self) -> list[str]:
        """Folders without a file, but not the folders around them."""
        parents = {
            str(parent)
            for path in [*self._files, *self._folders]
            for parent in PurePosixPath(path).parents
        }
        return [f"{folder}/" for folder in self._folders if folder not in parents]


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
