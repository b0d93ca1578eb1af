"""Paths in an archive are bytes in no encoding: how they are ordered, shown and put into URLs."""

import re
from contextlib import suppress
from urllib.parse import quote_from_bytes, unquote_to_bytes

from interviews.challenges.storage import is_printable

_ESCAPE = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\[nrt]")


def is_inside(path: bytes) -> bool:
    """Whether a path stays inside the archive, and names something there."""
    return b"\0" not in path and not any(part in (b"", b".", b"..") for part in path.split(b"/"))


def sort_key(path: bytes) -> bytes:
    """A key whose order is that of a tree: in each folder first its folders, then its files.

    All that is below a folder is in a row. No name has a NUL or a "/".
    """
    folder, slash, name = path.rpartition(b"/")
    folders = folder.split(b"/") if slash else []
    return b"".join(b"\0" + each + b"\0" for each in folders) + b"/" + name


def path_of_key(key: bytes) -> bytes:
    folders, _, name = key.rpartition(b"/")
    return b"/".join([*folders.split(b"\0")[1::2], name])


def shown(path: bytes) -> str:
    """A path as text: bytes that are no UTF-8, and what hides or reverses text, are escaped."""
    return "".join(
        char if is_printable(char) else char.encode("unicode_escape").decode()
        for char in path.decode("utf-8", "backslashreplace")
    )


def named(text: str) -> list[bytes]:
    """The paths that are shown as this text: without escapes one, which is the text itself.

    `\\x85` may be a byte that is no UTF-8, or a control character.
    """
    if not _ESCAPE.search(text):
        return [text.encode()]
    found = [text.encode()]
    for has_bytes in (True, False):
        # What looks like an escape may be of no character.
        with suppress(UnicodeError):
            found.append(_unescaped(text, has_bytes=has_bytes))
    return [each for each in dict.fromkeys(found) if shown(each) == text]


def _unescaped(text: str, *, has_bytes: bool) -> bytes:
    """The text with its escapes undone, `\\xe9` as a byte or as a character."""

    def undo(match: re.Match[str]) -> str:
        escape = match[0]
        if has_bytes and escape.startswith("\\x") and escape >= "\\x80":
            return chr(0xDC00 + int(escape[2:], 16))
        return escape.encode().decode("unicode_escape")

    return _ESCAPE.sub(undo, text).encode("utf-8", "surrogateescape")


def quoted(path: bytes) -> str:
    """A path for the query of a URL; `path_in_query` has it back, byte by byte."""
    return quote_from_bytes(path, safe="/")


def path_in_query(query: str, name: str) -> bytes | None:
    """The bytes of a field of a URL's query, or None if it is not there.

    Django's `request.GET` would replace bytes that are no UTF-8.
    """
    for field in query.split("&"):
        key, _, value = field.partition("=")
        if key == name:
            return unquote_to_bytes(value.replace("+", " "))
    return None
