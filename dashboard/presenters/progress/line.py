"""The states of an interview as a line over time, and each of them in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.presenters.progress.chart import ProgressChart, files_changed_in
from dashboard.presenters.submissions.tree import STATUSES
from interviews.challenges.storage import grouped
from interviews.dynamodb import now
from interviews.lifecycle import FINAL
from interviews.models import Interview
from interviews.sittings import sittings_of
from operations.progress.models import ProgressState
from operations.progress.records import states_of
from operations.submissions.index import Status

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

    @cached_property
    def chart(self) -> ProgressChart:
        return ProgressChart(self.states, [words_of(each) for each in self.states], self._until)

    @property
    def _until(self) -> datetime:
        """When the last sitting ended; now, while it has not, to the minute: a part of the page
        that is fetched again is the same if nothing changed."""
        if self.interview.state not in FINAL:
            return now().replace(second=0, microsecond=0)
        ended = [each.ended_at for each in sittings_of(self.interview) if each.ended_at is not None]
        return max([self.kept_at, *ended])

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
            files_touched=files_changed_in(state),
            largest=[_change(each) for each in state.largest],
            url=f"{self.url}?state={state.number}",
        )


def progress_line(interview: Interview) -> ProgressLine | None:
    """The progress of an interview, or None if none is kept."""
    states = states_of(interview.id)
    return ProgressLine(interview, states) if states else None


def words_of(state: ProgressState) -> str:
    """What changed: "420 lines added, 3 deleted, in one file"."""
    touched = files_changed_in(state)
    if not touched:
        return _("The starting files") if state.number == 1 else _("Only files of git changed")
    return ngettext(
        "%(added)s lines added, %(deleted)s deleted, in one file",
        "%(added)s lines added, %(deleted)s deleted, in %(files)s files",
        touched,
    ) % {
        "added": grouped(state.lines_added),
        "deleted": grouped(state.lines_deleted),
        "files": grouped(touched),
    }


def _change(change: dict[str, Any]) -> Change:
    label = str(STATUSES[Status(change["status"])])
    return Change(change["path"], label, change["added"], change["deleted"])
