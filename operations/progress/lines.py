"""Count the lines of texts, and those that were added and deleted between two."""

from collections import Counter

from operations.submissions.difference import compare

# Texts with more lines are compared by which lines they have, whatever their order.
MAX_COMPARED_LINES = 3_000
HEAD_BYTES = 8_000


def count_lines(content: bytes) -> int | None:
    """The number of lines, or None if it is no text: like git, by a NUL among the first bytes."""
    if b"\0" in content[:HEAD_BYTES]:
        return None
    return content.count(b"\n") + (bool(content) and not content.endswith(b"\n"))


def changed_lines(old: bytes, new: bytes) -> tuple[int, int]:
    """How many lines were added and deleted; a line that changed counts as both."""
    if count_lines(old) is None or count_lines(new) is None:
        return 0, 0
    old_lines, new_lines = _lines(old), _lines(new)
    if max(len(old_lines), len(new_lines)) <= MAX_COMPARED_LINES:
        found = compare(old_lines, new_lines)
        if found.is_complete:
            return found.added, found.deleted
    old_counts, new_counts = Counter(old_lines), Counter(new_lines)
    return (new_counts - old_counts).total(), (old_counts - new_counts).total()


def _lines(content: bytes) -> list[str]:
    return content.decode("latin-1").removesuffix("\n").split("\n") if content else []
