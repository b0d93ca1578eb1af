"""Files of a challenge from a form or the API, and edits of an existing version's files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.translation import gettext as _

from dashboard.uploads.handler import MAX_UPLOAD, KeptFile, Sent
from interviews.challenges import storage
from interviews.challenges.starting_files import StartingFiles, has_shebang
from interviews.challenges.storage import MEGABYTE, printable_path
from interviews.challenges.uploads import (
    InvalidUploadError,
    Upload,
    UploadReport,
    read_files,
    read_zip,
    read_zip_names,
)
from interviews.challenges.zip_names import NameEncoding, Reading

# Longer files cannot be edited on the page.
MAX_TEXT = 256 * 1024
REPLACE, ADD = "replace", "add"
# Initial text of a new challenge's form. Unchanged, it is dropped if files are uploaded.
STARTER = "# The task\n\nWhat is to be done, and how it is judged.\n"


class UncertainNamesError(Exception):
    """The names in an archive can be read in several ways, and the uploader has to choose."""


@dataclass(frozen=True)
class TextFile:
    """A file written on the page. If `is_new`, its path was typed as well."""

    path: str
    text: str
    is_new: bool = True


@dataclass
class FileChanges:
    """Edits of a version's files, applied in the order of the fields."""

    files: list[Sent] = field(default_factory=list)
    folder: list[Sent] = field(default_factory=list)
    folder_paths: str = ""
    how: str = REPLACE
    deleted: set[str] = field(default_factory=set)
    texts: list[TextFile] = field(default_factory=list)
    # The uploader's choice, and what it is chosen from: if the names in a zip leave it open.
    name_encoding: NameEncoding | None = None
    readings: tuple[Reading, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest) -> "FileChanges":
        data, sent = request.POST, request.FILES
        news = data.getlist("text_new")
        texts = zip(data.getlist("text_path"), data.getlist("text"), strict=False)
        return cls(
            files=sent.getlist("files"),
            folder=sent.getlist("folder"),
            folder_paths=data.get("folder_paths", ""),
            how=ADD if data.get("how") == ADD else REPLACE,
            deleted=set(data.getlist("delete")),
            name_encoding=_name_encoding(data.get("name_encoding", "")),
            texts=[
                TextFile(path.strip(), text, is_new=news[place : place + 1] != ["no"])
                for place, (path, text) in enumerate(texts)
                # Ignore a file that was added and left empty.
                if (path.strip() or text.strip()) and not (sent and _is_starter(text))
            ],
        )

    @property
    def replaces_all(self) -> bool:
        """True if the old files need not be read."""
        return bool(self.files or self.folder) and self.how == REPLACE

    def apply(self, old: Mapping[str, bytes]) -> Upload:
        """The new files, with the report on those that were uploaded.

        Raises:
            UncertainNamesError: if the names in an archive could be others.
            InvalidUploadError: if the edits do not make a valid challenge.
        """
        report = UploadReport()
        files = StartingFiles.of(old).without(self.deleted)
        if self.files and self.folder:
            raise InvalidUploadError(_("Choose either files or a folder, not both."))
        if uploaded := self.files or self.folder:
            new = self._read(uploaded)
            files = new.files if self.replaces_all else files | new.files
            report = new.report
        written: set[str] = set()
        for text in self.texts:
            if not text.path:
                raise InvalidUploadError(_("Enter a name for each new file."))
            if text.path in written or (text.is_new and text.path in files):
                raise InvalidUploadError(
                    _("%(path)s already exists. Choose another name.")
                    % {"path": printable_path(text.path)}
                )
            written.add(text.path)
            files |= _written(text, old.get(text.path, b""), text.path in files.executable)
        try:
            storage.check_files(files)
        except ValueError as error:
            raise InvalidUploadError(str(error)) from None
        return Upload(files, report)

    def _read(self, uploaded: Sequence[Sent]) -> Upload:
        paths = self.folder_paths if self.folder else ""
        # A README typed below the upload is as good as one in it.
        part = not self.replaces_all or bool(self.texts)
        self._choose_names(uploaded, paths)
        return read_upload(uploaded, paths, part=part, name_encoding=self.name_encoding)

    def _choose_names(self, uploaded: Sequence[Sent], paths: str) -> None:
        archive = _only_archive(uploaded, paths)
        self.readings = () if archive is None else read_zip_names(archive).readings
        if self.name_encoding not in [each.encoding for each in self.readings]:
            # There is nothing to choose, or it was chosen for another archive.
            self.name_encoding = None
        if self.readings and self.name_encoding is None:
            raise UncertainNamesError


def read_upload(
    files: Sequence[Sent],
    paths: str = "",
    *,
    part: bool = False,
    name_encoding: NameEncoding | None = None,
) -> Upload:
    """Uploaded files by path. A single zip file is unpacked.

    `paths` is a JSON list: Django drops the folders from a file's name. `part` and `name_encoding`
    are those of interviews.challenges.uploads.

    Raises:
        InvalidNameEncodingError: if the names in the zip are not in `name_encoding`.
        InvalidUploadError: if the upload is too large or not valid.
    """
    archive = _only_archive(files, paths)
    if archive is not None:
        return read_zip(archive, part=part, name_encoding=name_encoding)
    return read_files(zip(_names(files, paths), files, strict=True), part=part)


def _only_archive(files: Sequence[Sent], paths: str) -> Sent | None:
    """The zip, if a single one was uploaded. Raises InvalidUploadError as `read_upload` does."""
    if any(isinstance(file, KeptFile) and file.cut for file in files):
        raise InvalidUploadError(
            _("The upload is larger than %(size)s MB.") % {"size": MAX_UPLOAD // MEGABYTE}
        )
    names = _names(files, paths)
    return files[0] if len(files) == 1 and names[0].lower().endswith(".zip") else None


def _names(files: Sequence[Sent], paths: str) -> list[str]:
    return _paths(paths, len(files)) if paths else [file.name or "" for file in files]


def text_of(content: bytes) -> str | None:
    """The content as editable text, or None if it cannot be edited."""
    if len(content) > MAX_TEXT or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _name_encoding(value: str) -> NameEncoding | None:
    try:
        return NameEncoding(value)
    except ValueError:
        return None


def _is_starter(text: str) -> bool:
    return text.split() == STARTER.split()


def _paths(text: str, count: int) -> list[str]:
    try:
        paths = json.loads(text)
    except (ValueError, RecursionError):
        paths = None
    fits = isinstance(paths, list) and len(paths) == count
    if not fits or not all(isinstance(path, str) for path in paths):
        raise InvalidUploadError(_("The file names got lost. Choose the folder again."))
    return list(paths)


def _written(text: TextFile, old: bytes, is_executable: bool) -> StartingFiles:
    """The one file: it keeps its execute bit, and gets one by a `#!` that it did not have."""
    content = _encoded(text.text, old)
    gets_shebang = has_shebang(content) and not has_shebang(old)
    return StartingFiles({text.path: content}, [text.path] if is_executable or gets_shebang else [])


def _encoded(text: str, old: bytes) -> bytes:
    """Encode text with the line ends of the old content: browsers send every line end as CRLF."""
    ends = b"\r\n" if b"\r\n" in old else b"\n"
    try:
        return text.replace("\r\n", "\n").encode().replace(b"\n", ends)
    except UnicodeEncodeError:
        raise InvalidUploadError(_("A text contains an invalid character.")) from None
