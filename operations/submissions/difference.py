"""The difference of two texts, line by line, within a bound of steps.

Lines that both texts have once are taken for the same (patience diff), and between them the least
difference is looked for (Myers, 1986: An O(ND) Difference Algorithm). difflib would take minutes on
a long file whose lines repeat. Past the bound the rest counts as replaced: that is true as well.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# Comparisons of two lines, about a second's worth in the worst case.
MAX_STEPS = 1_500_000
# The most lines that differ between two lines that are certainly the same.
MAX_DISTANCE = 700


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stayed or were replaced, numbered from 0; the ends are excluded."""

    is_same: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True)
class Difference:
    """The blocks of both texts, in order; `is_complete` is False past the bound.

    `steps` is how many comparisons it took.
    """

    blocks: list[Block]
    is_complete: bool
    steps: int = 0

    @property
    def added(self) -> int:
        return sum(each.new_end - each.new_start for each in self.blocks if not each.is_same)

    @property
    def deleted(self) -> int:
        return sum(each.old_end - each.old_start for each in self.blocks if not each.is_same)


def compare(
    old: Sequence[str],
    new: Sequence[str],
    *,
    ignores_space: bool = False,
    max_steps: int | None = None,
) -> Difference:
    """Compare two texts; with `ignores_space` lines are the same if only white space differs.

    `max_steps` is the bound, by default MAX_STEPS.
    """
    numbers: dict[str, int] = {}

    def numbered(lines: Sequence[str]) -> list[int]:
        keys = ("".join(line.split()) for line in lines) if ignores_space else lines
        return [numbers.setdefault(key, len(numbers)) for key in keys]

    comparison = _Comparison(
        numbered(old), numbered(new), MAX_STEPS if max_steps is None else max_steps
    )
    comparison.run()
    return Difference(comparison.blocks(), comparison.is_complete, comparison.steps)


@dataclass(frozen=True, slots=True)
class _Range:
    old_start: int
    old_end: int
    new_start: int
    new_end: int


class _Comparison:
    def __init__(self, old: list[int], new: list[int], max_steps: int) -> None:
        self.is_complete = True
        self._old, self._new = old, new
        self._max_steps = self._steps = max_steps
        # Pairs of lines that are the same, by the old line.
        self._pairs: dict[int, int] = {}

    def run(self) -> None:
        pending = [_Range(0, len(self._old), 0, len(self._new))]
        while pending:
            part = self._without_ends(pending.pop())
            if part.old_start == part.old_end or part.new_start == part.new_end:
                continue
            self._steps -= part.old_end - part.old_start + part.new_end - part.new_start
            if self._steps <= 0:
                self.is_complete = False
                continue
            if anchors := self._anchors(part):
                pending += self._between(part, anchors)
            else:
                self._add_least(part)

    @property
    def steps(self) -> int:
        return self._max_steps - max(self._steps, 0)

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        old = new = 0
        for first, last, place in _runs(self._pairs):
            length = last - first
            if (first, place) != (old, new):
                found.append(Block(False, old, first, new, place))
            found.append(Block(True, first, last, place, place + length))
            old, new = last, place + length
        if (old, new) != (len(self._old), len(self._new)):
            found.append(Block(False, old, len(self._old), new, len(self._new)))
        return found

    def _without_ends(self, part: _Range) -> _Range:
        """The part without the same lines at its beginning and end, which become pairs."""
        old_start, old_end = part.old_start, part.old_end
        new_start, new_end = part.new_start, part.new_end
        old, new = self._old, self._new
        while old_start < old_end and new_start < new_end and old[old_start] == new[new_start]:
            self._pairs[old_start] = new_start
            old_start += 1
            new_start += 1
        while old_start < old_end and new_start < new_end and old[old_end - 1] == new[new_end - 1]:
            old_end -= 1
            new_end -= 1
            self._pairs[old_end] = new_end
        return _Range(old_start, old_end, new_start, new_end)

    def _anchors(self, part: _Range) -> list[tuple[int, int]]:
        """The longest rising sequence of lines that are once in the old part and in the new one."""
        old = self._old[part.old_start : part.old_end]
        new = self._new[part.new_start : part.new_end]
        in_old, in_new = Counter(old), Counter(new)
        places = {
            line: place
            for place, line in enumerate(old, part.old_start)
            if in_old[line] == 1 and in_new.get(line) == 1
        }
        pairs = [
            (places[line], place)
            for place, line in enumerate(new, part.new_start)
            if line in places
        ]
        return _longest_rising(pairs)

    @staticmethod
    def _between(part: _Range, anchors: list[tuple[int, int]]) -> list[_Range]:
        """The parts between the anchors; each begins with its anchor."""
        starts = [(part.old_start, part.new_start), *anchors]
        ends = [*anchors, (part.old_end, part.new_end)]
        return [
            _Range(old_start, old_end, new_start, new_end)
            for (old_start, new_start), (old_end, new_end) in zip(starts, ends, strict=True)
        ]

    def _add_least(self, part: _Range) -> None:
        """Add the pairs of the least difference; none if it is too great."""
        old = self._old[part.old_start : part.old_end]
        new = self._new[part.new_start : part.new_end]
        furthest = {1: 0}
        trace: list[dict[int, int]] = []
        for distance in range(min(len(old) + len(new), MAX_DISTANCE) + 1):
            self._steps -= distance + 1
            if self._steps <= 0:
                break
            trace.append(dict(furthest))
            for diagonal in range(-distance, distance + 1, 2):
                is_down = diagonal == -distance or (
                    diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1]
                )
                x = furthest[diagonal + 1] if is_down else furthest[diagonal - 1] + 1
                y = x - diagonal
                begin = x
                while x < len(old) and y < len(new) and old[x] == new[y]:
                    x += 1
                    y += 1
                self._steps -= x - begin
                furthest[diagonal] = x
                if x >= len(old) and y >= len(new):
                    self._add_pairs(part, trace, x, y)
                    return
        self.is_complete = False

    def _add_pairs(self, part: _Range, trace: list[dict[int, int]], x: int, y: int) -> None:
        """Go back through the steps that led to (x, y), and add the pairs on the way."""
        for distance in range(len(trace) - 1, -1, -1):
            furthest, diagonal = trace[distance], x - y
            is_down = diagonal == -distance or (
                diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            before = diagonal + 1 if is_down else diagonal - 1
            start = furthest[before] + (not is_down)
            while x > start:
                x -= 1
                y -= 1
                self._pairs[part.old_start + x] = part.new_start + y
            x, y = furthest[before], furthest[before] - before


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest sequence of pairs in which both places rise; the new ones do already."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (old, _) in enumerate(pairs):
        place = bisect_left(tails, old)
        if place == len(tails):
            tails.append(old)
            ends.append(number)
        else:
            tails[place] = old
            ends[place] = number
        before.append(ends[place - 1] if place else -1)
    found: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _runs(pairs: dict[int, int]) -> list[tuple[int, int, int]]:
    """Pairs as runs: the first old line, the one after the last, and the first new line."""
    runs: list[tuple[int, int, int]] = []
    for old in sorted(pairs):
        new = pairs[old]
        if runs:
            first, last, place = runs[-1]
            if old == last and new == place + last - first:
                runs[-1] = (first, old + 1, place)
                continue
        runs.append((old, old + 1, new))
    return runs
