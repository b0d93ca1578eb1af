"""Files of a challenge from a form or the API, and edits of an existing version's files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest

from dashboard.uploads.handler import MAX_UPLOAD, KeptFile, Sent
from interviews.challenges import storage
from interviews.challenges.starting_files import StartingFiles, has_shebang
from interviews.challenges.storage import MEGABYTE, printable_path
from interviews.challenges.uploads import InvalidUploadError, read_files, read_zip

# Longer files cannot be edited on the page.
MAX_TEXT = 256 * 1024
REPLACE, ADD = "replace", "add"
# Initial text of a new challenge's form. Unchanged, it is dropped if files are uploaded.
STARTER = "# The task\n\nWhat is to be done, and how it is judged.\n"


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

    def apply(self, old: Mapping[str, bytes]) -> StartingFiles:
        """The new files.

        Raises:
            InvalidUploadError: if the edits do not make a valid challenge.
        """
        files = StartingFiles.of(old).without(self.deleted)
        if self.files and self.folder:
            raise InvalidUploadError("Choose either files or a folder.")
        if uploaded := self.files or self.folder:
            paths = self.folder_paths if self.folder else ""
            # A README typed below the upload is as good as one in it.
            part = not self.replaces_all or bool(self.texts)
            new = read_upload(uploaded, paths, part=part)
            files = new if self.replaces_all else files | new
        written: set[str] = set()
        for text in self.texts:
            if not text.path:
                raise InvalidUploadError("A file that was added has no name.")
            if text.path in written or (text.is_new and text.path in files):
                raise InvalidUploadError(
                    f"{printable_path(text.path)} is there already: give it another name."
                )
            written.add(text.path)
            files |= _written(text, old.get(text.path, b""), text.path in files.executable)
        try:
            storage.check_files(files)
        except ValueError as error:
            raise InvalidUploadError(str(error)) from None
        return files


def read_upload(files: Sequence[Sent], paths: str = "", *, part: bool = False) -> StartingFiles:
    """Uploaded files by path. A single zip file is unpacked.

    `paths` is a JSON list: Django drops the folders from a file's name. `part` is that of
    interviews.challenges.uploads.

    Raises:
        InvalidUploadError: if the upload is too large or not valid.
    """
    if any(isinstance(file, KeptFile) and file.cut for file in files):
        raise InvalidUploadError(f"The upload is larger than {MAX_UPLOAD // MEGABYTE} MB.")
    names = _paths(paths, len(files)) if paths else [file.name or "" for file in files]
    if len(files) == 1 and names[0].lower().endswith(".zip"):
        return read_zip(files[0], part=part)
    return read_files(zip(names, files, strict=True), part=part)


def text_of(content: bytes) -> str | None:
    """The content as editable text, or None if it cannot be edited."""
    if len(content) > MAX_TEXT or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
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
        raise InvalidUploadError("The names of the files did not arrive: choose the folder again.")
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
        raise InvalidUploadError("A text holds half a character.") from None
