"""The files of the challenges: what may be one, and how they lie in the default storage.

They are below `challenges/<id>/<content>/`, where `content` is derived from all of them, so that
what a version holds is never written over by another one.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
README = "README.md"
MEGABYTE = 1024 * 1024
MAX_FILE_BYTES = 10 * MEGABYTE
MAX_CHALLENGE_BYTES = 100 * MEGABYTE
MAX_FILES = 2_000
# Bytes in UTF-8: of one name, as file systems have it, and of a path, as stores of files have it.
MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 500
# Of all paths together: a row of the table, which lists them, holds 400 KB.
MAX_ALL_PATHS_BYTES = 120 * 1024
# These turn the direction of the text around, so that a name looks like another.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class BrokenChallengeError(Exception):
    """The files of a challenge are not what its row says; the text names the file."""


class ChallengeFile(MapAttribute[str, Any]):
    """One starting file: its path in the candidate's folder, its size in bytes, its checksum."""

    path = UnicodeAttribute()
    size = NumberAttribute()
    # Rows of other versions have none.
    sha256 = UnicodeAttribute(null=True)


def check_challenge(challenge_id: str, files: Mapping[str, bytes]) -> None:
    """Raise ValueError, with a sentence, unless a challenge may have this id and these files."""
    if not ID_PATTERN.fullmatch(challenge_id):
        raise ValueError(f"{challenge_id!r} is no id: use a-z, 0-9 and '-', 64 at most.")
    check_files(files)


def check_files(files: Mapping[str, bytes]) -> None:
    """Raise ValueError, with a sentence that names the file, unless these can be a challenge's."""
    if README not in files:
        near = next((path for path in files if path.lower() == README.lower()), None)
        hint = f" Rename {near} to README.md." if near else ""
        raise ValueError(f"There is no README.md, which tells the candidate the task.{hint}")
    if len(files) > MAX_FILES:
        raise ValueError(f"These are {len(files):,} files; a challenge has {MAX_FILES:,} at most.")
    seen = PathRegistry()
    for path, content in files.items():
        check_path(path)
        seen.add(path)
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(
                f"{printable_path(path)} is larger than {MAX_FILE_BYTES // MEGABYTE} MB."
            )
    if sum(map(len, files.values())) > MAX_CHALLENGE_BYTES:
        raise ValueError(f"The files are more than {MAX_CHALLENGE_BYTES // MEGABYTE} MB together.")
    if sum(len(path.encode()) for path in files) > MAX_ALL_PATHS_BYTES:
        limit = MAX_ALL_PATHS_BYTES // 1024
        raise ValueError(f"The names of the files are more than {limit} KB together: shorten them.")


def check_path(path: str) -> None:
    """Raise ValueError, with a sentence, unless it is the path of a file within a challenge."""
    if not is_printable(path):
        raise ValueError(f"{printable_path(path)} has a character in its name that cannot be seen.")
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or ".." in parts or "\\" in path:
        raise ValueError(f"{printable_path(path)} is no path within a challenge.")
    if (
        any(len(part.encode()) > MAX_NAME_BYTES for part in parts)
        or len(path.encode()) > MAX_PATH_BYTES
    ):
        raise ValueError(f"{printable_path(path)} is too long a name for a file.")


def is_printable(path: str) -> bool:
    """Free of control characters, of line ends, of halves of characters, and of `TURNS`."""
    return not any(
        unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI_CONTROLS
        for char in path
    )


def printable_path(path: str) -> str:
    """The path for a sentence: short, and with nothing in it that cannot be seen."""
    seen = "".join(char if is_printable(char) else f"\\x{ord(char):02x}" for char in path)
    return f"{seen[:77]}…" if len(seen) > 80 else seen or "''"


class PathRegistry:
    """The paths so far, as a file system that ignores case and ways of writing would tell them."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def add(self, path: str) -> None:
        """Raises ValueError for a name that another file has, or that is a folder as well."""
        key = _comparison_key(path)
        if (other := self._files.get(key)) is not None:
            if other == path:
                raise ValueError(f"{printable_path(path)} is there twice.")
            raise ValueError(
                f"{printable_path(path)} and {printable_path(other)} are one name on many "
                "machines: rename one."
            )
        if key in self._folders:
            raise ValueError(f"{printable_path(path)} is a file and a folder at the same time.")
        self._files[key] = path
        self.add_folder(path.rpartition("/")[0])

    def add_folder(self, path: str) -> None:
        """As `add`; a folder may come as often as it likes."""
        while path and (key := _comparison_key(path)) not in self._folders:
            if key in self._files:
                raise ValueError(f"{printable_path(path)} is a file and a folder at the same time.")
            self._folders[key] = path
            path = path.rpartition("/")[0]


def _comparison_key(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def describe_files(files: Mapping[str, bytes]) -> list[ChallengeFile]:
    """The list of them as rows have it, by path."""
    return [
        ChallengeFile(  # type: ignore[no-untyped-call]
            path=path, size=len(content), sha256=_sha256(content)
        )
        for path, content in sorted(files.items())
    ]


def content_hash(described: Iterable[ChallengeFile]) -> str:
    """The name of these files together: the same files have the same one."""
    lines = "".join(f"{file.sha256} {file.path}\n" for file in described)
    return _sha256(lines.encode())[:16]


def store_files(challenge_id: str, content: str, files: Mapping[str, bytes]) -> None:
    """Put them there. Raises OSError, or the storage's own errors.

    What is there as it should be is left alone: somebody may be reading it.
    """
    for path, text in files.items():
        key = storage_key(challenge_id, content, path)
        if _is_stored(key, text):
            continue
        default_storage.delete(key)
        if default_storage.save(key, ContentFile(text)) != key:
            raise OSError(f"The storage would not take {key}.")


def _is_stored(key: str, content: bytes) -> bool:
    try:
        with default_storage.open(key) as stored:
            return bool(stored.read() == content)
    except FileNotFoundError:
        return False


def read_files(
    challenge_id: str, content: str | None, described: Iterable[ChallengeFile]
) -> dict[str, bytes]:
    """path -> content of each, as it was put in. Raises BrokenChallengeError.

    Raises OSError, or the storage's own errors, when the storage cannot be asked.
    """
    return {file.path: read_file(challenge_id, content, file) for file in described}


def read_file(challenge_id: str, content: str | None, file: ChallengeFile) -> bytes:
    """One of them; raises as `read` does."""
    try:
        with default_storage.open(storage_key(challenge_id, content, file.path)) as stored:
            found: bytes = stored.read()
    except FileNotFoundError:
        raise BrokenChallengeError(f"{challenge_id}: the file {file.path} is missing.") from None
    if len(found) != file.size or file.sha256 not in {None, _sha256(found)}:
        raise BrokenChallengeError(f"{challenge_id}: the file {file.path} was damaged.")
    return found


def storage_key(challenge_id: str, content: str | None, path: str) -> str:
    """Where a file lies in the storage."""
    return "/".join(part for part in ("challenges", challenge_id, content, path) if part)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
