"""The states of an interview as a line over time, and each of them in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.presenters.submissions.tree import STATUSES
from interviews.models import Interview
from operations.progress.models import ProgressState
from operations.progress.records import states_of
from operations.progress.summary import thinned
from operations.submissions.index import Status

# Dots of a line; of more states those at even distances. The table has all of them.
MAX_DOTS = 150
# Facts on an interview's page, the newest.
MAX_FACTS = 3


@dataclass(frozen=True)
class Change:
    """One of the files that changed most in a state."""

    path: str
    label: str
    added: int
    deleted: int


@dataclass(frozen=True)
class Dot:
    """A state in the chart; places are in percent from the left and from the top."""

    number: int
    x: float
    lines_y: float
    files_y: float
    text: str


@dataclass(frozen=True)
class Fact:
    """A state in words."""

    number: int
    since: datetime | None
    at: datetime
    words: str
    lines: int
    files: int
    lines_added: int
    lines_deleted: int
    files_touched: int
    largest: list[Change]
    url: str


@dataclass(frozen=True)
class ProgressLine:
    """The kept progress of an interview, with at least one state."""

    interview: Interview
    states: Sequence[ProgressState]

    @property
    def url(self) -> str:
        return reverse("dashboard:progress", args=[self.interview.id])

    @property
    def kept_at(self) -> datetime:
        """When the workspace was looked at last, if a state has no later time."""
        last: datetime = self.states[-1].at
        kept_at: datetime | None = self.interview.kept_at
        return last if kept_at is None else max(last.replace(microsecond=0), kept_at)

    @property
    def first_at(self) -> datetime:
        return self.states[0].since or self.states[0].at

    @property
    def last_at(self) -> datetime:
        return self.states[-1].at

    @property
    def most_lines(self) -> int:
        return max(state.lines for state in self.states)

    @property
    def most_files(self) -> int:
        return max(state.files for state in self.states)

    @property
    def summary(self) -> str:
        """The chart in a sentence, for who cannot see it."""
        first, last = self.states[0], self.states[-1]
        return _(
            "From %(first)s to %(last)s lines, and from %(files)s to %(last_files)s files. "
            "The table has each state."
        ) % {
            "first": _number(first.lines),
            "last": _number(last.lines),
            "files": _number(first.files),
            "last_files": _number(last.files),
        }

    @property
    def dots(self) -> list[Dot]:
        seconds = max((self.last_at - self.first_at).total_seconds(), 1)
        return [
            Dot(
                number=state.number,
                x=round(100 * (state.at - self.first_at).total_seconds() / seconds, 2),
                lines_y=_y(state.lines, self.most_lines),
                files_y=_y(state.files, self.most_files),
                text=words_of(state),
            )
            for state in thinned(self.states, MAX_DOTS)
        ]

    @property
    def lines_path(self) -> str:
        return _path([(dot.x, dot.lines_y) for dot in self.dots])

    @property
    def files_path(self) -> str:
        return _path([(dot.x, dot.files_y) for dot in self.dots])

    @property
    def facts(self) -> list[Fact]:
        """All states, oldest first."""
        return [self._fact(state) for state in self.states]

    @property
    def newest_facts(self) -> list[Fact]:
        """The last states, newest first."""
        return [self._fact(state) for state in reversed(self.states[-MAX_FACTS:])]

    def _fact(self, state: ProgressState) -> Fact:
        return Fact(
            number=state.number,
            since=state.since,
            at=state.at,
            words=words_of(state),
            lines=state.lines,
            files=state.files,
            lines_added=state.lines_added,
            lines_deleted=state.lines_deleted,
            files_touched=_touched(state),
            largest=[_change(each) for each in state.largest],
            url=f"{self.url}?state={state.number}",
        )


def progress_line(interview: Interview) -> ProgressLine | None:
    """The progress of an interview, or None if none is kept."""
    states = states_of(interview.id)
    return ProgressLine(interview, states) if states else None


def words_of(state: ProgressState) -> str:
    """What changed: "420 lines added, 3 deleted, in one file"."""
    touched = _touched(state)
    if not touched:
        return _("The starting files") if state.number == 1 else _("Only files of git changed")
    return ngettext(
        "%(added)s lines added, %(deleted)s deleted, in one file",
        "%(added)s lines added, %(deleted)s deleted, in %(files)s files",
        touched,
    ) % {
        "added": _number(state.lines_added),
        "deleted": _number(state.lines_deleted),
        "files": _number(touched),
    }


def _touched(state: ProgressState) -> int:
    return int(state.files_added + state.files_changed + state.files_deleted)


def _change(change: dict[str, Any]) -> Change:
    label = str(STATUSES[Status(change["status"])])
    return Change(change["path"], label, change["added"], change["deleted"])


def _number(value: int) -> str:
    return str(number_format(value, force_grouping=True))


def _y(value: int, most: int) -> float:
    return round(100 - 100 * value / max(most, 1), 2)


def _path(points: list[tuple[float, float]]) -> str:
    """A line that stays until the next state: between two states nothing is known."""
    if not points:
        return ""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    parts += [f"H{x:g}V{y:g}" for x, y in points[1:]]
    return "".join(parts)
