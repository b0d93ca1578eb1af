"""What the page of one interview shows besides the row of the lists."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from dashboard.forms.invitations import in_words
from dashboard.presenters.interview_row import Row
from dashboard.presenters.timeline import Line, lines_of
from interviews import history
from interviews.lifecycle import FINAL
from interviews.models import (
    DRY_RUN,
    LIVE,
    TAKE_HOME,
    Interview,
)
from operations.archive import earlier

TYPES = {TAKE_HOME: "Take-home test", LIVE: "Live interview", DRY_RUN: "Dry run"}


@dataclass(frozen=True)
class SavedFiles:
    """One archive to download."""

    title: str
    url: str
    bytes: int | None
    at: datetime | None


@dataclass(frozen=True)
class InterviewDetail:
    """What the page says of an interview, besides what its row on the lists says."""

    interview: Interview
    row: Row

    @property
    def type(self) -> str:
        return TYPES.get(self.interview.type, self.interview.type)

    @property
    def timeline(self) -> list[Line]:
        return lines_of(self.interview)

    @property
    def length(self) -> str:
        return _words(self.interview.length)

    @property
    def length_parts(self) -> list[str]:
        """What the length is made of, where it is not simply the duration."""
        interview = self.interview
        if interview.reopened_minutes is not None:
            parts = [f"opened again for {in_words(int(interview.reopened_minutes))}"]
        else:
            base = timedelta(minutes=int(interview.duration_minutes))
            parts = [_words(base)]
            if percent := int(interview.allowance_percent or 0):
                extra = timedelta(seconds=int(interview.extra_seconds or 0))
                parts.append(f"{_words(interview.length - extra - base)} allowance ({percent} %)")
        if seconds := int(interview.extra_seconds or 0):
            given = _words(timedelta(seconds=abs(seconds)))
            parts.append(f"{given} {'more' if seconds > 0 else 'less'}, by staff")
        return parts if len(parts) > 1 or interview.reopened_minutes is not None else []

    @property
    def worked(self) -> str:
        """How long the workspace was the candidate's, all openings together."""
        length = history.time_in_workspace(self.interview)
        return _words(length) if length else ""

    @property
    def is_over(self) -> bool:
        return self.interview.state in FINAL

    @property
    def is_paused(self) -> bool:
        return self.row.is_running and self.interview.paused_at is not None

    @property
    def paused_left(self) -> str:
        """What is left on a clock that stands still, as a countdown shows it."""
        minutes, seconds = divmod(int(self.interview.paused_left or 0), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def files(self) -> list[SavedFiles]:
        """What can be downloaded, the newest first."""
        saved = earlier(self.interview)
        url = reverse("api:files", args=[self.interview.id])
        return [
            SavedFiles(
                title=_nth_end(place) if len(saved) > 1 else "Download",
                url=f"{url}?opening={place}" if len(saved) > 1 else url,
                bytes=int(archive.bytes) if archive.bytes else None,
                at=archive.at,
            )
            for place, archive in reversed(list(enumerate(saved)))
        ]


def _words(length: timedelta) -> str:
    """Whole minutes in words, and seconds where there is less than one."""
    seconds = int(length.total_seconds())
    return in_words(-(-seconds // 60)) if seconds >= 60 else f"{seconds} s"


def _nth_end(place: int) -> str:
    nth = ("First", "Second", "Third", "Fourth", "Fifth")
    return f"{nth[place]} end" if place < len(nth) else f"End {place + 1}"
