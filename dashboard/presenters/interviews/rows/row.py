"""View model of one row of a list, and the buttons that it offers."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.permissions import credentials
from dashboard.permissions.roles import Actor, Permission
from dashboard.presenters import durations
from dashboard.presenters.interviews.reports import last_reported_at
from dashboard.presenters.interviews.rows.permitted import Permitted
from dashboard.presenters.interviews.rows.row_actions import RowAction, actions_of
from dashboard.presenters.interviews.sections import section_of
from dashboard.presenters.interviews.sittings import SittingLine, earlier_lines, outcome_label
from dashboard.presenters.interviews.zone_change import ZoneChange, zone_change_of
from interviews.lifecycle import FINAL, NOT_STARTED, EndReason, Status
from interviews.models import Interview
from interviews.pagination.by_start import start_of
from interviews.status_labels import interview_label
from interviews.timeline import TimelineEvent
from operations import workspace_sign_in
from operations.comparison.candidates import VisibleScores

STEPS = {
    Status.ACTIVATED: gettext_lazy("Queued"),
    Status.INITIALIZING: gettext_lazy("Creating the workspace"),
    Status.CONFIGURING: gettext_lazy("Waiting for the workspace"),
}


@dataclass(frozen=True)
class Row(Permitted):
    """One interview as `actor` may see it.

    Every credential on a page comes from here. A page that writes out `password` audits it; the
    lists and an interview's page fetch it when somebody asks (`secret.js`). `link` is the
    candidate's page, or "" if there is none or the actor may not see it.
    """

    interview: Interview
    challenge_name: str
    link: str
    actor: Actor
    not_delivered: bool = False
    # The code of the decision on the candidate, or "".
    decision: str = ""
    # The submitted reviews, if they were read, and the actor may see them.
    scores: VisibleScores | None = None
    # Its place in line for a workspace, from 1.
    place: int | None = None
    # Staff made it the next in line.
    is_moved_to_front: bool = False

    @cached_property
    def label(self) -> str:
        """The status in words, on the badge."""
        return interview_label(self.interview)

    @property
    def may_see_scores(self) -> bool:
        """True if the list has a column of scores, in which some may be hidden."""
        return self.actor.may(Permission.REVIEW) or self.actor.may(Permission.DECIDE)

    @property
    def is_over(self) -> bool:
        return self.state in FINAL

    @property
    def step(self) -> str | None:
        """The current step while the candidate waits for the workspace."""
        if self.place is not None:
            return _("In line (%(place)s)") % {"place": ordinal(self.place)}
        words = STEPS.get(self.state)
        return str(words) if words else None

    @property
    def needs_staff(self) -> bool:
        """True if only staff can fix the problem."""
        return self.state is Status.ERROR or (
            self.state in (Status.ACTIVE, Status.DESTROYING) and bool(self.interview.problem)
        )

    @cached_property
    def zone_change(self) -> ZoneChange | None:
        """The choice that staff has if the rules of the interview's zone changed."""
        return zone_change_of(self.interview, may_decide=self.may_manage)

    @property
    def needs_attention(self) -> bool:
        return self.needs_staff or self.zone_change is not None

    @property
    def group(self) -> str:
        """The filter chip above the table that counts this row."""
        if self.needs_attention:
            return "attention"
        if self.state in NOT_STARTED:
            return "waiting"
        return "running" if self.state not in FINAL else "ended"

    @property
    def outcome(self) -> str:
        """How the interview ended, if the badge does not say so."""
        if self.state is Status.COMPLETED and self.interview.end_reason == EndReason.SUBMITTED:
            return ""
        if self.interview.end_reason in set(EndReason):
            return outcome_label(EndReason(str(self.interview.end_reason)))
        return _("Never started") if self.state is Status.EXPIRED else ""

    @property
    def section(self) -> str:
        """The section of the live interviews that it is in."""
        return section_of(self.interview).value

    @property
    def start_epoch(self) -> int:
        """When it starts, in epoch seconds: its place among the live interviews."""
        return int(start_of(self.interview).timestamp())

    @property
    def sitting(self) -> int:
        """The number of the current sitting."""
        return int(self.interview.reopened or 0) + 1

    @property
    def earlier_sittings(self) -> list[SittingLine]:
        """The newest of the sittings before, newest first."""
        return earlier_lines(self.interview)

    @property
    def more_sittings(self) -> int:
        """How many sittings are older than these."""
        return self.sitting - 1 - len(self.earlier_sittings)

    @property
    def actions(self) -> list[RowAction]:
        """What this actor may do now. A list shows the first beside the menu with the others."""
        return actions_of(self)

    @property
    def page_actions(self) -> list[RowAction]:
        """The same for the interview's page, which has the log itself."""
        return [action for action in self.actions if not action.is_log]

    @property
    def passcode(self) -> str:
        return str(self.interview.passcode) if self.link else ""

    @property
    def access_url(self) -> str:
        return self._if_permitted(self.interview.workspace_link) if self.is_running else ""

    @property
    def is_sign_in_refused(self) -> bool:
        return self.is_running and workspace_sign_in.is_refused(self.interview)

    @property
    def plain_url(self) -> str:
        """The same workspace for a browser that cannot open its address, or ""."""
        return workspace_sign_in.plain_address(self.access_url)

    @property
    def password(self) -> str:
        return self._if_permitted(credentials.password(self.interview))

    def _if_permitted(self, credential: str | None) -> str:
        return credential or "" if self.actor.may(Permission.SEE_CREDENTIALS) else ""

    @property
    def is_running(self) -> bool:
        return self.state is Status.ACTIVE

    @property
    def began_at(self) -> datetime | None:
        """When the candidate last pressed Start."""
        for moment in reversed(self.interview.timeline):
            # Extra time adds entries with this status too.
            if moment.status == Status.ACTIVATED and moment.what in (None, TimelineEvent.REOPENED):
                at: datetime = moment.at
                return at
        return None

    @property
    def is_time_change_shown(self) -> bool:
        """True if the row says whether the candidate's page has shown the last change of time."""
        interview = self.interview
        is_open = self.state not in FINAL and self.state is not Status.DESTROYING
        return is_open and bool(interview.time_changes and interview.passcode)

    @property
    def has_seen_time_change(self) -> bool:
        seen = self.interview.time_changes_seen
        return bool(seen) and seen >= self.interview.time_changes

    @cached_property
    def reported_at(self) -> datetime | None:
        return last_reported_at(self.interview)

    @property
    def ended_at(self) -> datetime | None:
        """When an interview that is being ended was, by whomever; its time is over from then on."""
        if self.state is not Status.DESTROYING:
            return None
        at: datetime | None = next(
            (
                moment.at
                for moment in reversed(self.interview.timeline)
                if moment.status == Status.DESTROYING and moment.what is None
            ),
            None,
        )
        return at

    @property
    def is_saving(self) -> bool:
        """True if an ending interview still waits for its files to be saved."""
        interview = self.interview
        return bool(interview.ready_at and interview.save_files and not interview.is_saved)

    @property
    def minutes(self) -> int:
        """The candidate's time, with everything that was added."""
        return int(self.interview.length.total_seconds() // 60)

    @property
    def paused_minutes(self) -> int:
        """The minutes left on a paused clock, rounded up."""
        return -(-int(self.interview.paused_left or 0) // 60)

    @property
    def more_time(self) -> str:
        """The part of `minutes` that was added to the duration, in words."""
        extra = int(self.interview.extra_seconds or 0) // 60
        percent = 0 if self.interview.reopened else int(self.interview.allowance_percent or 0)
        if self.interview.reopened:
            return _("reopened")
        if not extra and not percent:
            return ""
        shown = {"percent": durations.percent(percent)}
        added = _("%(percent)s extra time") % shown if percent else ""
        changed = _("%(minutes)s min") % {"minutes": f"{extra:+d}".replace("-", "−")}
        return ", ".join(part for part in (added, changed if extra else "") if part)
