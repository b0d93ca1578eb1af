"""View model of an interview's page, beyond the row of the lists."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.presenters import durations
from dashboard.presenters.interviews.rows.row import Row
from dashboard.presenters.interviews.sittings import (
    SavedFiles,
    SittingLine,
    saved_files,
    sitting_lines,
)
from dashboard.presenters.interviews.timeline import Line, lines_of
from dashboard.presenters.progress.line import ProgressLine, progress_line
from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME
from interviews.challenges.policy import Policy
from interviews.lifecycle import FINAL, NOT_STARTED
from interviews.models import Interview
from interviews.sittings import time_in_workspace
from operations import policies
from operations.provisioners import internet_setting
from operations.submissions import service
from operations.submissions.index.records import Summary

TYPES: dict[str, Any] = {
    TAKE_HOME: gettext_lazy("Take-home test"),
    LIVE: gettext_lazy("Live interview"),
    DRY_RUN: gettext_lazy("Dry run"),
}


@dataclass(frozen=True)
class InterviewDetail:
    """Everything that the page shows and the row does not."""

    interview: Interview
    row: Row

    @property
    def type(self) -> str:
        return str(TYPES.get(self.interview.type, self.interview.type))

    @property
    def timeline(self) -> list[Line]:
        return lines_of(self.interview)

    @property
    def length(self) -> str:
        return durations.minutes_rounded_up(self.interview.length)

    @property
    def length_parts(self) -> list[str]:
        """The parts of the length, if it is more than just the duration."""
        interview = self.interview
        if interview.reopened_minutes is not None:
            reopened_for = durations.minutes(int(interview.reopened_minutes))
            parts = [_("reopened for %(length)s") % {"length": reopened_for}]
        else:
            base = timedelta(minutes=int(interview.duration_minutes))
            parts = [durations.minutes_rounded_up(base)]
            if percent := int(interview.allowance_percent or 0):
                extra = timedelta(seconds=int(interview.extra_seconds or 0))
                allowance = durations.minutes_rounded_up(interview.length - extra - base)
                extra_time = {"length": allowance, "percent": durations.percent(percent)}
                parts.append(_("%(length)s extra time (%(percent)s)") % extra_time)
        if seconds := int(interview.extra_seconds or 0):
            change = durations.minutes_rounded_up(timedelta(seconds=abs(seconds)))
            words = _("%(length)s more by staff") if seconds > 0 else _("%(length)s less by staff")
            parts.append(words % {"length": change})
        return parts if len(parts) > 1 or interview.reopened_minutes is not None else []

    @cached_property
    def policy(self) -> Policy:
        """What is allowed: as the candidate confirmed it, or as the challenge's version has it."""
        return policies.policy_of(self.interview)

    @property
    def confirmation_words(self) -> str:
        """Why the candidate did not confirm what is allowed."""
        if self.row.is_live:
            return _(
                "The candidate reads it on their page. A live interview asks for no confirmation."
            )
        if not self.interview.is_take_home:
            return ""
        if self.interview.state in NOT_STARTED:
            return _("The candidate confirms it with the start.")
        return _("Not confirmed: the candidate didn't start the test themselves.")

    @property
    def internet_words(self) -> str:
        """Whether the workspace has the internet that the policy says, or "" if it is so."""
        if not self.interview.provisioner:
            return ""
        is_offline = policies.is_offline(self.interview, self.policy)
        if not self.policy.forbids("internet"):
            setting = internet_setting(self.interview.provisioner)
            sentence = _("Workspaces have no internet here (%(setting)s).")
            return sentence % {"setting": setting} if is_offline else ""
        if is_offline:
            return _("Internet is blocked in the workspace.")
        return _("This engine can't block the internet, so that is only asked.")

    @property
    def worked(self) -> str:
        """How long the candidate had the workspace, over all sittings."""
        length = time_in_workspace(self.interview)
        return durations.minutes_rounded(length) if length else ""

    @property
    def is_over(self) -> bool:
        return self.interview.state in FINAL

    @property
    def is_paused(self) -> bool:
        return self.row.is_running and self.interview.paused_at is not None

    @property
    def paused_left(self) -> str:
        """The time left on a paused clock, as a countdown shows it."""
        minutes, seconds = divmod(int(self.interview.paused_left or 0), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def sittings(self) -> list[SittingLine]:
        """The sittings, oldest first, of an interview that was opened again."""
        return sitting_lines(self.interview)

    @cached_property
    def submission(self) -> Summary | None:
        """The totals of the latest submission; None if there is none, or no index of it yet."""
        return service.summary_of(self.interview)

    @cached_property
    def progress(self) -> ProgressLine | None:
        """The states that were kept while the workspace ran; None if there are none."""
        return progress_line(self.interview)

    @property
    def files(self) -> list[SavedFiles]:
        """The archives, newest first."""
        return saved_files(self.interview)
