"""The chart of kept progress: lines added above zero, lines deleted below it, over time; and below
both how many files each state changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate

from django.utils.translation import gettext as _

from interviews.challenges.storage import grouped
from operations.progress.models import ProgressState
from operations.progress.summary import thinned

# Dots of a line; of more states those at even distances. The table has all of them.
MAX_DOTS = 150
# Steps of the scale between zero and the larger of the two numbers.
MAX_STEPS = 4


@dataclass(frozen=True)
class Dot:
    """A state in the chart; places are in percent from the left and from the top."""

    number: int
    x: float
    added_y: float
    deleted_y: float
    text: str


@dataclass(frozen=True)
class Tick:
    """A value of the scale, with its place in percent from the top."""

    y: float
    text: str
    is_zero: bool


@dataclass(frozen=True)
class ProgressChart:
    """The lines added and deleted since the starting files, summed from state to state.

    `texts` has what changed in each state, in words. `until` is where the axis of time ends: at the
    end of the test, or it would end with the last change, as if somebody had worked until then.
    """

    states: Sequence[ProgressState]
    texts: Sequence[str]
    until: datetime

    @property
    def first_at(self) -> datetime:
        return self.states[0].since or self.states[0].at

    @property
    def last_at(self) -> datetime:
        return max(self.states[-1].at, self.until)

    @cached_property
    def added(self) -> int:
        return sum(state.lines_added for state in self.states)

    @cached_property
    def deleted(self) -> int:
        return sum(state.lines_deleted for state in self.states)

    @property
    def ticks(self) -> list[Tick]:
        """From the top to the bottom. Lines are as high above zero as below it."""
        step = self._step
        values = range(self._top, -self._bottom - 1, -step)
        return [Tick(self._y(value), _signed(value), value == 0) for value in values]

    @cached_property
    def dots(self) -> list[Dot]:
        added = accumulate(state.lines_added for state in self.states)
        deleted = accumulate(state.lines_deleted for state in self.states)
        return [
            Dot(
                number=state.number,
                x=self._x(state.at),
                added_y=self._y(more),
                deleted_y=self._y(-less),
                text=text,
            )
            for state, text, more, less in thinned(
                list(zip(self.states, self.texts, added, deleted, strict=True)), MAX_DOTS
            )
        ]

    @property
    def added_path(self) -> str:
        return _path([(dot.x, dot.added_y) for dot in self.dots], self._x(self.last_at))

    @property
    def deleted_path(self) -> str:
        return _path([(dot.x, dot.deleted_y) for dot in self.dots], self._x(self.last_at))

    @cached_property
    def most_files(self) -> int:
        """The most files that one state added, changed or deleted."""
        return max(files_changed_in(state) for state in self.states)

    @property
    def files_path(self) -> str:
        """A bar for each state that changed files, in a box of their own; the highest fills it."""
        return "".join(
            f"M{self._x(state.at):g} 100V{100 - 100 * files / self.most_files:g}"
            for state in self.states
            if (files := files_changed_in(state))
        )

    @property
    def summary(self) -> str:
        """The chart in a sentence, for who cannot see it."""
        return _(
            "%(added)s lines added and %(deleted)s deleted since the starting files, at most "
            "%(files)s files changed at once. The table has each state."
        ) % {
            "added": grouped(self.added),
            "deleted": grouped(self.deleted),
            "files": grouped(self.most_files),
        }

    @cached_property
    def _step(self) -> int:
        """The smallest of 1, 2, 5, 10, 20, ... that needs no more than MAX_STEPS."""
        most, power = max(self.added, self.deleted), 1
        while True:
            for step in (power, 2 * power, 5 * power):
                if step * MAX_STEPS >= most:
                    return step
            power *= 10

    @property
    def _top(self) -> int:
        # Something is above zero even if nothing was added.
        return self._step * max(-(-self.added // self._step), 1)

    @property
    def _bottom(self) -> int:
        return self._step * -(-self.deleted // self._step)

    def _x(self, at: datetime) -> float:
        seconds = max((self.last_at - self.first_at).total_seconds(), 1)
        return round(100 * (at - self.first_at).total_seconds() / seconds, 2)

    def _y(self, value: int) -> float:
        return round(100 * (self._top - value) / (self._top + self._bottom), 2)


def _signed(value: int) -> str:
    if value == 0:
        return "0"
    return f"+{grouped(value)}" if value > 0 else f"−{grouped(-value)}"


def files_changed_in(state: ProgressState) -> int:
    return int(state.files_added + state.files_changed + state.files_deleted)


def _path(points: list[tuple[float, float]], end: float) -> str:
    """A line that stays until the next state: between two states nothing is known."""
    if not points:
        return ""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    parts += [f"H{x:g}V{y:g}" for x, y in points[1:]]
    return "".join(parts) + (f"H{end:g}" if end > points[-1][0] else "")
