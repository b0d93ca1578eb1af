"""The data for the templates, and what follows from it."""

import hashlib
import time
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.translation import gettext as _

from candidate_portal.page_state.screens import (
    END_STEPS,
    HEADLINES,
    LIVE_HEADLINES,
    LIVE_TEMPLATES,
    STEPS,
    TEMPLATES,
    Step,
)
from candidate_portal.practice_state import PracticeState
from candidate_portal.time_notices import TimeNotice
from interviews import durations
from interviews.challenges.checks.manifest import CandidateCheck
from interviews.challenges.policy import Policy
from interviews.lifecycle import FINAL, Status
from operations.admission.positions import Position
from operations.archives import not_saved


@dataclass(frozen=True)
class PageState:
    """The data for the templates. URL and password are set only while the test runs."""

    status: Status
    is_live: bool
    passcode: str
    candidate_name: str
    challenge_name: str
    description: str
    # The path of the file with the full task.
    instructions: str
    language: str
    custom_instructions: str
    duration_minutes: int
    valid_until: datetime | None
    begins_at: datetime | None
    # In words, in the zone in which staff said it.
    planned_time: str
    started_at: datetime | None
    deadline: datetime | None
    ended_at: datetime | None
    access_url: str | None
    password: str | None
    # The workspace's button signs the candidate in.
    signs_in: bool
    # The editor lets nobody sign in for a while, after too many wrong passwords.
    is_sign_in_refused: bool
    # The same workspace for a browser that cannot open its address, or "".
    plain_url: str
    # Where a web app on port 3000 of the workspace is, or "".
    web_app_url: str
    failed_step: str
    may_retry: bool
    retry_until: datetime | None
    end_reason: str
    was_running: bool
    # The workspace was deleted for certain; the old portal may have left its own.
    is_closed: bool
    saves: bool
    is_saved: bool
    saved_bytes: int | None
    not_saved: not_saved.Summary | None
    is_delayed: bool
    is_restarting: bool
    is_reopened: bool
    paused_left: int | None
    # What the candidate can quote: the interview's id, which opens nothing.
    reference: str
    # What changed in the files is kept every so many minutes; 0 if it is not. When it was, last.
    progress_minutes: int
    kept_at: datetime | None
    # The workspace was lost, and is being started again with files that were kept before.
    is_restoring: bool
    # Its machine was down, and it has no address before it is on another one.
    is_moving: bool
    # The workspace was lost and started again with the files that were kept at this time.
    restored_from: datetime | None
    # That was on another machine, as its own was down.
    was_moved: bool
    # The candidate may download what was saved.
    may_download: bool
    # How many days it is all kept after the end.
    kept_days: int
    news: tuple[TimeNotice, ...]
    time_changes: int
    # What is allowed in the test.
    policy: Policy
    # The checks that the candidate may run, while there is a workspace to run them in.
    checks: tuple[CandidateCheck, ...]
    # That the workspace has no internet, or "".
    internet_note: str
    # Before the start: the practice workspace that there is, or that is offered.
    practice: PracticeState | None
    time_changes_seen: int = field(compare=False)
    # After the end the page asks what the candidate thought of it; what they said last.
    asks_feedback: bool = False
    feedback_rating: str = field(default="", compare=False)
    feedback_text: str = field(default="", compare=False)
    # The estimated wait. A page that shows an outdated estimate is not rendered again.
    usual_wait: str = field(default="", compare=False)
    # The place in line for a workspace, from 1, and the usual wait there, for example "about 4
    # minutes", or "". With both as numbers for the API.
    place: int | None = None
    line_wait: str = ""
    # The candidate may leave the line, and start again until the deadline.
    may_leave_line: bool = False
    position: Position | None = field(default=None, compare=False)
    # Who invited the candidate, or "". Without an answer of the SQL database the page has no name.
    inviter: str = field(default="", compare=False)

    @property
    def _kind(self) -> str:
        if self.place is not None:
            return "in_line"
        return (LIVE_TEMPLATES if self.is_live else TEMPLATES)[self.status]

    @property
    def template(self) -> str:
        return f"candidate_portal/states/_{self._kind}.jinja"

    @property
    def headline(self) -> str:
        if self.status is Status.DESTROYING and not (self.was_running and self.saves):
            return _("Closing your interview") if self.is_live else _("Closing your test")
        if self.place is not None:
            return _("You're %(place)s in line") % {"place": ordinal(self.place)}
        headlines = LIVE_HEADLINES if self.is_live else HEADLINES
        return str(headlines.get(self._kind, self.challenge_name))

    @property
    def running_state(self) -> str:
        """The state of a running test, which its headline has beside the challenge's name."""
        if self.is_paused:
            return _("Paused")
        return _("Restarting") if self.is_restarting else _("In progress")

    @property
    def is_before_start(self) -> bool:
        return self._kind in ("available", "scheduled")

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def is_settled(self) -> bool:
        """True if nothing can change any more.

        Staff can reopen a completed test, and give an expired one a new deadline.
        """
        return self.is_final and self.status not in (Status.COMPLETED, Status.EXPIRED)

    @property
    def is_paused(self) -> bool:
        """True while the clock is paused because the workspace does not respond."""
        return self.paused_left is not None

    @property
    def paused_left_ms(self) -> int:
        return int(self.paused_left or 0) * 1000

    @property
    def steps(self) -> list[Step]:
        names = [str(name) for name in STEPS.values()]
        if self.status is Status.DESTROYING:
            names = [str(name) for name in (END_STEPS if self.saves else END_STEPS[1:])]
            current = int(self.is_saved and self.saves)
        else:
            current = list(STEPS).index(self.status)
        return [
            Step(name, is_done=number < current, is_current=number == current)
            for number, name in enumerate(names)
        ]

    @property
    def length(self) -> str:
        """The duration in words: "1 hour 30 minutes"."""
        return durations.in_words(timedelta(minutes=self.duration_minutes))

    @property
    def version(self) -> str:
        """A hash of the data: a page that shows this version is not rendered again."""
        data = repr([getattr(self, each.name) for each in fields(self) if each.compare])
        return hashlib.sha256(data.encode()).hexdigest()[:16]

    @property
    def now_ms(self) -> int:
        """The server's time in epoch milliseconds, for the page's countdown."""
        return time.time_ns() // 1_000_000

    @property
    def deadline_ms(self) -> int | None:
        return int(self.deadline.timestamp() * 1000) if self.deadline else None

    @property
    def begins_ms(self) -> int | None:
        return int(self.begins_at.timestamp() * 1000) if self.begins_at else None

    @property
    def has_begun(self) -> bool:
        """True from the interview's start on; its workspace is ready and accessible before."""
        return self.begins_at is None or self.begins_at.timestamp() <= time.time()
