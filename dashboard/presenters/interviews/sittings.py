"""View models of an interview's sittings and of its saved files, side by side."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.presenters import durations
from interviews.lifecycle import FINAL, EndReason, Status
from interviews.models import Interview
from interviews.sittings import Sitting, sittings_of
from operations.archives import archive, not_saved

OUTCOMES = {
    EndReason.TIME_UP: gettext_lazy("Time ran out"),
    EndReason.SUBMITTED: gettext_lazy("Submitted by the candidate"),
    EndReason.ENDED_BY_STAFF: gettext_lazy("Stopped by staff"),
    EndReason.NEVER_READY: gettext_lazy("The workspace never became ready"),
    EndReason.WORKSPACE_LOST: gettext_lazy("The workspace stopped responding"),
    EndReason.MISSED: gettext_lazy("Its time passed while the platform was down"),
}
# So many earlier sittings stand in a row of a list; the interview's page has them all.
MAX_LISTED = 3


@dataclass(frozen=True)
class SavedFiles:
    """An archive to download. `sitting` is the number of its sitting, or None if not known."""

    title: str
    url: str
    # Its place among the archives, from 0, and the page on which it is read.
    opening: int
    submission_url: str
    bytes: int | None
    at: datetime | None
    sitting: int | None
    not_saved: not_saved.Summary | None


@dataclass(frozen=True)
class SittingLine:
    """A sitting in words; what is not known, or not there yet, is "" or None."""

    number: int
    status: Status
    started_at: datetime | None
    ended_at: datetime | None
    worked: str
    length: str
    outcome: str
    files: list[SavedFiles]

    @property
    def is_over(self) -> bool:
        return self.status in FINAL

    @property
    def title(self) -> str:
        return _title(self.number)


def outcome_label(reason: EndReason) -> str:
    """How a sitting ended, in words; "" if its status says so."""
    return str(OUTCOMES.get(reason, ""))


def sitting_lines(interview: Interview) -> list[SittingLine]:
    """The sittings, oldest first; none if there is only one, of which the row tells everything."""
    sittings = sittings_of(interview)
    if len(sittings) < 2:
        return []
    files = saved_files(interview)
    return [_line(each, files) for each in sittings]


def earlier_lines(interview: Interview) -> list[SittingLine]:
    """The newest MAX_LISTED of the earlier sittings, newest first, for a row of a list."""
    if not interview.reopened:
        return []
    return sitting_lines(interview)[:-1][::-1][:MAX_LISTED]


def saved_files(interview: Interview) -> list[SavedFiles]:
    """The archives, newest first."""
    numbers = {
        place: number
        for number, saved in archive.archives_of_sittings(interview).items()
        for place, _ in saved
    }
    saved = archive.earlier_archives(interview)
    url = reverse("api:files", args=[interview.id])
    submission_url = reverse("dashboard:submission", args=[interview.id])
    return [
        SavedFiles(
            title=_files_title(
                interview,
                numbers.get(place),
                is_newest=place == len(saved) - 1,
                is_left_behind=each.is_left_behind,
            ),
            url=f"{url}?opening={place}" if len(saved) > 1 else url,
            opening=place,
            submission_url=f"{submission_url}?opening={place}",
            bytes=int(each.bytes) if each.bytes else None,
            at=each.at,
            sitting=numbers.get(place),
            not_saved=not_saved.summary_of(each),
        )
        for place, each in reversed(list(enumerate(saved)))
    ]


def _line(sitting: Sitting, files: list[SavedFiles]) -> SittingLine:
    reason = sitting.end_reason
    return SittingLine(
        number=sitting.number,
        status=sitting.status,
        started_at=sitting.started_at,
        ended_at=sitting.ended_at,
        worked=durations.minutes_rounded(sitting.worked) if sitting.worked is not None else "",
        length=durations.minutes_rounded_up(sitting.length) if sitting.length is not None else "",
        outcome=outcome_label(reason) if reason is not None else "",
        files=[each for each in files if each.sitting == sitting.number],
    )


def _title(number: int) -> str:
    return _("Sitting %(number)s") % {"number": number}


def _files_title(
    interview: Interview, number: int | None, *, is_newest: bool, is_left_behind: bool
) -> str:
    if is_left_behind and interview.reopened and number is not None:
        return _("Sitting %(number)s: files from the machine that was down") % {"number": number}
    if is_left_behind:
        return _("Files from the machine that was down")
    if interview.reopened and number is not None:
        return _title(number)
    return _("Download files") if is_newest else _("Files from an earlier sitting")
