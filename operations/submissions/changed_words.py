"""The words that differ between a line and what became of it, within a bound for all lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from operations.submissions.difference import compare

# Of all lines together: a third of a second in the worst case.
MAX_CHARACTERS = 200_000
MAX_STEPS = 200_000
# Lines that share less than this of their characters are other lines: to mark nearly all of them
# would tell nothing.
MIN_SHARED = 0.3

_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line, and whether the other line has something else there."""

    text: str
    is_changed: bool


Parts = list[Part]


class WordComparison:
    """Compares lines one after the other, until the bound of all of them is reached."""

    def __init__(self, *, ignores_space: bool = False) -> None:
        self._ignores_space = ignores_space
        self._characters, self._steps = MAX_CHARACTERS, MAX_STEPS

    def parts(self, old: str, new: str) -> tuple[Parts, Parts] | None:
        """The parts of both lines; None if the lines have little in common, or past the bound."""
        self._characters -= len(old) + len(new)
        if self._characters < 0 or self._steps <= 0:
            return None
        old_tokens, new_tokens = _TOKENS.findall(old), _TOKENS.findall(new)
        found = compare(old_tokens, new_tokens, max_steps=self._steps)
        self._steps -= found.steps
        if not found.is_complete:
            return None
        old_parts: Parts = []
        new_parts: Parts = []
        for block in found.blocks:
            self._add(old_parts, old_tokens[block.old_start : block.old_end], block.is_same)
            self._add(new_parts, new_tokens[block.new_start : block.new_end], block.is_same)
        are_alike = _shared(old_parts, old) >= MIN_SHARED or _shared(new_parts, new) >= MIN_SHARED
        return (old_parts, new_parts) if are_alike else None

    def _add(self, parts: Parts, tokens: Sequence[str], is_same: bool) -> None:
        text = "".join(tokens)
        if text:
            is_changed = not is_same and not (self._ignores_space and text.isspace())
            parts.append(Part(text, is_changed))


def _shared(parts: Parts, line: str) -> float:
    """The share of a line's characters that the other line has too, without white space."""
    whole = len("".join(line.split()))
    same = sum(len("".join(part.text.split())) for part in parts if not part.is_changed)
    return same / whole if whole else 0.0
