"""What differs between two states, in numbers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from operations.progress.lines import changed_lines, count_lines
from operations.progress.manifest import KeptFile, Manifest, is_same_file
from operations.submissions import paths
from operations.submissions.index import Status

# The files whose numbers are kept with the state.
MAX_LARGEST = 5
# Contents that are compared line by line. Of other files the number of lines is compared.
MAX_COMPARED_BYTES = 1024 * 1024
MAX_ALL_COMPARED_BYTES = 16 * 1024 * 1024
# Contents that are read for it: each may be a request to the store.
MAX_READS = 2_000

# Reads a content by its hash, or returns None if it is not to be had.
Read = Callable[[str], bytes | None]


@dataclass
class Changes:
    """The numbers of files and lines, without those that git keeps for itself."""

    files_added: int = 0
    files_changed: int = 0
    files_deleted: int = 0
    lines_added: int = 0
    lines_deleted: int = 0
    largest: list[dict[str, Any]] = field(default_factory=list)


def changes_between(
    old: Manifest, new: Manifest, differing: Iterable[bytes], read: Read
) -> Changes:
    """Count what differs at the `differing_paths`; `read` reads contents, at most MAX_READS."""
    changes = Changes()
    read = _limited(read)
    left = MAX_ALL_COMPARED_BYTES
    for path in sorted(differing):
        before, after = old.files.get(path), new.files.get(path)
        if before is not None and after is not None and is_same_file(before, after):
            continue
        if not (after or before or _NO_FILE).is_counted or (after and after.is_awaited):
            continue
        if before is not None and before.is_awaited:
            # No state says what it was: it counts as new once its content is known.
            before = None
            if after is None:
                continue
        added, deleted = _lines_of(new, after, read), _lines_of(old, before, read)
        if before is None:
            changes.files_added += 1
            status = Status.ADDED
        elif after is None:
            changes.files_deleted += 1
            status = Status.DELETED
        else:
            changes.files_changed += 1
            status = Status.CHANGED
            size, compared = before.size + after.size, None
            if before.sha256 and after.sha256 and size <= min(left, 2 * MAX_COMPARED_BYTES):
                left -= size
                compared = _compared(before, after, read)
            added, deleted = compared or (max(0, added - deleted), max(0, deleted - added))
        changes.lines_added += added
        changes.lines_deleted += deleted
        shown = {"path": paths.shown(path), "status": status.value}
        changes.largest.append(shown | {"added": added, "deleted": deleted})
    changes.largest.sort(key=lambda each: (-each["added"] - each["deleted"], each["path"]))
    del changes.largest[MAX_LARGEST:]
    return changes


_NO_FILE = KeptFile(b"", False, 0, 0, 0, 0, 0)


def _limited(read: Read) -> Read:
    turns = iter(range(MAX_READS))
    return lambda sha256: read(sha256) if next(turns, None) is not None else None


def _lines_of(manifest: Manifest, file: KeptFile | None, read: Read) -> int:
    if file is None or not file.sha256:
        return 0
    if (known := manifest.contents.get(file.sha256)) is not None:
        return known.lines or 0
    return count_lines(read(file.sha256) or b"") or 0


def _compared(before: KeptFile, after: KeptFile, read: Read) -> tuple[int, int] | None:
    if before.sha256 == after.sha256:
        return 0, 0
    old, new = read(before.sha256), read(after.sha256)
    return changed_lines(old, new) if old is not None and new is not None else None
