"""Check challenge files, and store them in the default storage.

They are stored below `challenges/<id>/<content hash>/`, so that one version never overwrites the
files of another.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from pynamodb.attributes import BooleanAttribute, MapAttribute, NumberAttribute, UnicodeAttribute

from interviews.challenges.checks.files import require_valid_checks
from interviews.challenges.starting_files import StartingFiles, has_shebang

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
README = "README.md"
MEGABYTE = 1024 * 1024
MAX_FILE_BYTES = 10 * MEGABYTE
MAX_CHALLENGE_BYTES = 100 * MEGABYTE
MAX_FILES = 2_000
# UTF-8 bytes of a file name (file systems' limit) and of a path (object stores' limit).
MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 500
# UTF-8 bytes of all paths together: they are listed in one DynamoDB item, of at most 400 KB.
MAX_ALL_PATHS_BYTES = 120 * 1024
# Bidirectional control characters, which can make a name look like another.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class BrokenChallengeError(Exception):
    """The stored files do not match the challenge's row; the message names the file."""


class ChallengeFile(MapAttribute[str, Any]):
    """A starting file: its path in the candidate's folder, size in bytes, SHA-256 and mode."""

    path = UnicodeAttribute()
    size = NumberAttribute()
    # None in rows of earlier versions.
    sha256 = UnicodeAttribute(null=True)
    # None in rows older than execute bits: there, a file that begins with #! is executable.
    executable = BooleanAttribute(null=True)


def check_challenge(challenge_id: str, files: Mapping[str, bytes]) -> None:
    """Check the id and the files of a challenge.

    Raises:
        ValueError: with a sentence for the user.
    """
    if not ID_PATTERN.fullmatch(challenge_id):
        raise ValueError(
            _("“%(id)s” isn't a valid ID. Use a-z, 0-9 and '-', at most 64 characters.")
            % {"id": challenge_id}
        )
    check_files(files)


def check_files(files: Mapping[str, bytes]) -> None:
    """Check the files of a challenge: README.md, paths, number and sizes, and its checks.

    Raises:
        ValueError: with a sentence that names the file.
    """
    if README not in files:
        raise ValueError(_no_readme_sentence(files))
    if len(files) > MAX_FILES:
        raise ValueError(
            _("These are %(count)s files. A challenge can have %(limit)s at most.")
            % {"count": grouped(len(files)), "limit": grouped(MAX_FILES)}
        )
    paths = PathRegistry()
    for path, content in files.items():
        check_path(path)
        paths.add(path)
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(
                _("%(path)s is larger than %(limit)s MB.")
                % {"path": printable_path(path), "limit": MAX_FILE_BYTES // MEGABYTE}
            )
    if sum(map(len, files.values())) > MAX_CHALLENGE_BYTES:
        raise ValueError(
            _("Together the files are larger than %(limit)s MB.")
            % {"limit": MAX_CHALLENGE_BYTES // MEGABYTE}
        )
    if sum(len(path.encode()) for path in files) > MAX_ALL_PATHS_BYTES:
        limit = MAX_ALL_PATHS_BYTES // 1024
        raise ValueError(
            _("Together the file names are longer than %(limit)s KB. Shorten them.")
            % {"limit": limit}
        )
    require_valid_checks(StartingFiles.of(files))


def grouped(number: int) -> str:
    """A number for a sentence, with its thousands apart as in the reader's language."""
    return number_format(number, force_grouping=True)


def _no_readme_sentence(paths: Iterable[str]) -> str:
    """Names the README that is meant, if there is one of another spelling or in a folder."""
    found = [path for path in paths if path.rpartition("/")[2].lower() == README.lower()]
    if not found:
        return _("There's no README.md with the task. Add one.")
    # The one nearest to the top.
    path = min(found, key=lambda each: (each.count("/"), each))
    if "/" not in path:
        return _("There's no README.md with the task. Rename %(path)s to README.md.") % {
            "path": path
        }
    return _(
        "There's no README.md with the task at the top of the upload. Move %(path)s to the top."
    ) % {"path": printable_path(path)}


def check_path(path: str) -> None:
    """Check that it is a valid relative path of a file.

    Raises:
        ValueError: with a sentence that names the path.
    """
    if not is_printable(path):
        raise ValueError(
            _("%(path)s has an invisible character in its name.") % {"path": printable_path(path)}
        )
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or ".." in parts or "\\" in path:
        raise ValueError(_("%(path)s isn't a valid path.") % {"path": printable_path(path)})
    if (
        any(len(part.encode()) > MAX_NAME_BYTES for part in parts)
        or len(path.encode()) > MAX_PATH_BYTES
    ):
        raise ValueError(_("The name %(path)s is too long.") % {"path": printable_path(path)})


def is_printable(path: str) -> bool:
    """True without control characters, line separators, surrogates and BIDI_CONTROLS."""
    return not any(
        unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI_CONTROLS
        for char in path
    )


def printable_path(path: str) -> str:
    """Return the path for a message: shortened, with invisible characters escaped."""
    escaped = "".join(char if is_printable(char) else f"\\x{ord(char):02x}" for char in path)
    return f"{escaped[:77]}…" if len(escaped) > 80 else escaped or "''"


class PathRegistry:
    """Detects paths that collide on file systems that ignore case and Unicode normalization."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def add(self, path: str) -> None:
        """Add the path of a file.

        Raises:
            ValueError: if another file has this name, or a folder has it.
        """
        key = _comparison_key(path)
        if (other := self._files.get(key)) is not None:
            if other == path:
                raise ValueError(_("%(path)s is there twice.") % {"path": printable_path(path)})
            raise ValueError(
                _("%(path)s and %(other)s are the same name on many computers. Rename one.")
                % {"path": printable_path(path), "other": printable_path(other)}
            )
        if key in self._folders:
            raise ValueError(
                _("%(path)s is both a file and a folder.") % {"path": printable_path(path)}
            )
        self._files[key] = path
        self.add_folder(path.rpartition("/")[0])

    def add_folder(self, path: str) -> None:
        """Add a folder, which may be added repeatedly.

        Raises:
            ValueError: if a file has this name.
        """
        while path and (key := _comparison_key(path)) not in self._folders:
            if key in self._files:
                raise ValueError(
                    _("%(path)s is both a file and a folder.") % {"path": printable_path(path)}
                )
            self._folders[key] = path
            path = path.rpartition("/")[0]


def _comparison_key(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def describe_files(files: Mapping[str, bytes]) -> list[ChallengeFile]:
    """Return the files' descriptions for a row, sorted by path."""
    executable = StartingFiles.of(files).executable
    return [
        ChallengeFile(  # type: ignore[no-untyped-call]
            path=path,
            size=len(content),
            sha256=sha256(content),
            executable=path in executable,
        )
        for path, content in sorted(files.items())
    ]


def content_hash(described: Iterable[ChallengeFile]) -> str:
    """Return a hash of all files; equal files have the same hash.

    It is that of earlier versions, which knew no execute bits, if no file is executable.
    """
    lines = "".join(
        f"{file.sha256}{'x' if file.executable else ''} {file.path}\n" for file in described
    )
    return sha256(lines.encode())[:16]


def store_files(challenge_id: str, content: str, files: Mapping[str, bytes]) -> None:
    """Store the files. A file that is stored already is not rewritten, since it may be in use.

    Raises:
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    for path, text in files.items():
        key = storage_key(challenge_id, content, path)
        if _is_stored(key, text):
            continue
        default_storage.delete(key)
        if default_storage.save(key, ContentFile(text)) != key:
            raise OSError(f"The storage refused {key}.")


def _is_stored(key: str, content: bytes) -> bool:
    try:
        with default_storage.open(key) as stored:
            return bool(stored.read() == content)
    except FileNotFoundError:
        return False


def read_files(
    challenge_id: str, content: str | None, described: Iterable[ChallengeFile]
) -> StartingFiles:
    """Return the described files.

    Raises:
        BrokenChallengeError: if a file is missing or damaged.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    described = list(described)
    contents = {file.path: read_file(challenge_id, content, file) for file in described}
    executable = [
        file.path
        for file in described
        if (has_shebang(contents[file.path]) if file.executable is None else file.executable)
    ]
    return StartingFiles(contents, executable)


def read_file(challenge_id: str, content: str | None, file: ChallengeFile) -> bytes:
    """Return the content of one file. Raises the same errors as `read_files`."""
    try:
        with default_storage.open(storage_key(challenge_id, content, file.path)) as stored:
            data: bytes = stored.read()
    except FileNotFoundError:
        raise BrokenChallengeError(f"{challenge_id}: the file {file.path} is missing.") from None
    if len(data) != file.size or file.sha256 not in {None, sha256(data)}:
        raise BrokenChallengeError(f"{challenge_id}: the file {file.path} is damaged.")
    return data


def storage_key(challenge_id: str, content: str | None, path: str) -> str:
    """Return the storage key of a file."""
    return "/".join(part for part in ("challenges", challenge_id, content, path) if part)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
