"""What an archive does not have, for the interview's row, the log and the pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from interviews.indexes import EarlierArchive, NotSavedEntry
from interviews.models import Interview
from operations.provisioners.base import NotSaved, NotSavedReason, files_in_words

# The most entries on a row, which has a limited size, and in a line of the log.
MAX_STORED = 10
MAX_LOGGED = 5
# UTF-8 bytes of a path there.
MAX_PATH_BYTES = 150


def row_changes(not_saved: Iterable[NotSaved]) -> dict[str, Any]:
    """The attributes of an interview, or of an earlier archive, that say what was not saved.

    Unreadable files come first, then the largest folders.
    """
    ordered = _most_important_first(not_saved)
    entries = [
        NotSavedEntry(  # type: ignore[no-untyped-call]
            path=_printable(each.path), reason=each.reason, files=each.files, bytes=each.bytes
        )
        for each in ordered[:MAX_STORED]
    ]
    return {"not_saved": entries or None, "not_saved_count": len(ordered) or None}


@dataclass(frozen=True)
class Line:
    """A file or folder on a page. `files` is in words, such as "12 files", or empty."""

    path: str
    files: str
    bytes: int | None


@dataclass(frozen=True)
class Summary:
    """What an archive does not have, for a page, and how many entries are not listed."""

    unreadable: tuple[Line, ...]
    regenerable: tuple[Line, ...]
    more: int

    @property
    def count(self) -> int:
        return len(self.unreadable) + len(self.regenerable) + self.more


def summary_of(archive: Interview | EarlierArchive) -> Summary | None:
    """What an interview's archive does not have; None if it has everything, or is older."""
    if not archive.not_saved:
        return None
    lines: dict[str, list[Line]] = {reason: [] for reason in NotSavedReason}
    for each in archive.not_saved:
        files = "" if each.files is None else files_in_words(int(each.files))
        size = None if each.bytes is None else int(each.bytes)
        lines.setdefault(each.reason, []).append(Line(each.path, files, size))
    return Summary(
        unreadable=tuple(lines[NotSavedReason.UNREADABLE]),
        regenerable=tuple(lines[NotSavedReason.REGENERABLE]),
        more=int(archive.not_saved_count or 0) - len(archive.not_saved),
    )


def log_lines(not_saved: Iterable[NotSaved]) -> list[str]:
    ordered = _most_important_first(not_saved)
    lines = []
    for reason, start in (
        (NotSavedReason.UNREADABLE, "Not saved, as it couldn't be read completely"),
        (NotSavedReason.REGENERABLE, "Not saved, as it can be regenerated"),
    ):
        some = [_printable(str(each)) for each in ordered if each.reason == reason]
        more = f" and {len(some) - MAX_LOGGED:,} more" if len(some) > MAX_LOGGED else ""
        if some:
            lines.append(f"{start}: {', '.join(some[:MAX_LOGGED])}{more}.")
    return lines


def _most_important_first(not_saved: Iterable[NotSaved]) -> list[NotSaved]:
    return sorted(
        not_saved,
        key=lambda each: (each.reason != NotSavedReason.UNREADABLE, -(each.bytes or 0), each.path),
    )


def _printable(path: str) -> str:
    """Return the path as text that a table can store, shortened."""
    text = path.encode("utf-8", "backslashreplace").decode()
    encoded = "".join(char if char.isprintable() else "?" for char in text).encode()
    if len(encoded) <= MAX_PATH_BYTES:
        return encoded.decode()
    return encoded[: MAX_PATH_BYTES - 3].decode(errors="ignore") + "…"
