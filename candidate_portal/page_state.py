"""What the candidate's page may know of an interview: a whitelist, and the words for it."""

import hashlib
import time
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from candidate_portal.time_notices import (
    REOPENED,
    TimeNotice,
    time_notices_of,
)
from interviews import durations
from interviews.challenges import library
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview
from operations import actions
from operations.start_times import statistics

# The steps that a candidate sees, in order, and the status in which each is the current one.
STEPS = {
    Status.ACTIVATED: "Queued",
    Status.INITIALIZING: "Preparing your workspace",
    Status.CONFIGURING: "Starting the editor",
    Status.ACTIVE: "Ready",
}
FAILED_STEPS = {"provision": STEPS[Status.INITIALIZING], "configure": STEPS[Status.CONFIGURING]}
TEMPLATES = {
    Status.AVAILABLE: "available",
    Status.ACTIVE: "active",
    Status.ERROR: "error",
    Status.DESTROYING: "destroying",
    Status.COMPLETED: "completed",
    Status.EXPIRED: "expired",
    **dict.fromkeys(PROVISIONING, "provisioning"),
    **dict.fromkeys((Status.REVOKED, Status.CANCELLED, Status.SCHEDULED), "withdrawn"),
}
# Of a live interview the differences: there is nothing to press.
LIVE_TEMPLATES = TEMPLATES | {
    Status.SCHEDULED: "scheduled",
    Status.AVAILABLE: "scheduled",
    Status.EXPIRED: "withdrawn",
}
SAVING = ("Saving your files", "Closing the workspace", "Done")
# What a page says aloud when it turns into this; the heading of the page says it, too.
HEADLINES = {
    "provisioning": "Getting your workspace ready",
    "active": "Your workspace is ready",
    "error": "Your workspace could not be started",
    "destroying": "Saving your files",
    "completed": "Your test is over",
    "expired": "This invitation has lapsed",
    "withdrawn": "This test was withdrawn",
}

LIVE_HEADLINES = HEADLINES | {
    "scheduled": "Your interview is planned",
    "completed": "Your interview is over",
    "withdrawn": "This interview was called off",
}


@dataclass(frozen=True)
class Step:
    name: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True)
class PageState:
    """Facts for the templates. URL and password are there only while the test runs."""

    status: Status
    is_live: bool
    passcode: str
    candidate_name: str
    challenge_name: str
    description: str
    language: str
    custom_instructions: str
    duration_minutes: int
    valid_until: datetime | None
    begins_at: datetime | None
    started_at: datetime | None
    deadline: datetime | None
    ended_at: datetime | None
    access_url: str | None
    password: str | None
    failed_step: str
    may_retry: bool
    retry_until: datetime | None
    end_reason: str
    was_running: bool
    # The workspace is gone for certain: what another portal started it may have left.
    is_closed: bool
    saves: bool
    is_saved: bool
    saved_bytes: int | None
    is_delayed: bool
    is_restarting: bool
    is_reopened: bool
    paused_left: int | None
    news: tuple[TimeNotice, ...]
    time_changes: int
    time_changes_seen: int = field(compare=False)
    # How long such waits usually are. A page that shows another figure need not be drawn again.
    usual_wait: str = field(default="", compare=False)

    @property
    def noun(self) -> str:
        return "interview" if self.is_live else "test"

    @property
    def _kind(self) -> str:
        return (LIVE_TEMPLATES if self.is_live else TEMPLATES)[self.status]

    @property
    def template(self) -> str:
        return f"candidate_portal/states/_{self._kind}.html"

    @property
    def headline(self) -> str:
        if self.status is Status.DESTROYING and not (self.was_running and self.saves):
            return f"Closing your {self.noun}"
        headlines = LIVE_HEADLINES if self.is_live else HEADLINES
        return headlines.get(self._kind, self.challenge_name)

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def is_settled(self) -> bool:
        """Nothing can come any more: what is completed can be opened again."""
        return self.is_final and self.status is not Status.COMPLETED

    @property
    def is_paused(self) -> bool:
        """The clock stands still: the workspace does not answer."""
        return self.paused_left is not None

    @property
    def paused_left_ms(self) -> int:
        return int(self.paused_left or 0) * 1000

    @property
    def steps(self) -> list[Step]:
        names = list(STEPS.values())
        if self.status is Status.DESTROYING:
            names = list(SAVING) if self.saves else list(SAVING[1:])
            current = int(self.is_saved and self.saves)
        else:
            current = list(STEPS).index(self.status)
        return [
            Step(name, is_done=place < current, is_current=place == current)
            for place, name in enumerate(names)
        ]

    @property
    def length(self) -> str:
        """The duration in words: "1 hour 30 minutes"."""
        return durations.in_words(timedelta(minutes=self.duration_minutes))

    @property
    def version(self) -> str:
        """Differs when the page would: a page with this version need not be drawn again."""
        facts = repr([getattr(self, each.name) for each in fields(self) if each.compare])
        return hashlib.sha256(facts.encode()).hexdigest()[:16]

    @property
    def now_ms(self) -> int:
        """The server's time, epoch milliseconds, for the page's countdown."""
        return time.time_ns() // 1_000_000

    @property
    def deadline_ms(self) -> int | None:
        return int(self.deadline.timestamp() * 1000) if self.deadline else None

    @property
    def begins_ms(self) -> int | None:
        return int(self.begins_at.timestamp() * 1000) if self.begins_at else None

    @property
    def has_begun(self) -> bool:
        """A workspace is ready before its interview begins, and may be looked at."""
        return self.begins_at is None or self.begins_at.timestamp() <= time.time()


def page_state_of(interview: Interview) -> PageState:
    """The facts as they are now. Reads the challenge."""
    challenge = library.get(interview.challenge)
    state = interview.state
    running = state is Status.ACTIVE
    paused = running and interview.paused_at is not None
    return PageState(
        status=state,
        is_live=not interview.is_take_home,
        passcode=str(interview.passcode),
        candidate_name=interview.candidate_name,
        challenge_name=challenge.name if challenge else interview.challenge,
        description=challenge.description if challenge else "",
        language=challenge.language if challenge else "",
        custom_instructions=interview.custom_instructions,
        duration_minutes=int(interview.length.total_seconds() // 60),
        valid_until=interview.valid_until,
        begins_at=None if interview.reopened else interview.scheduled_at,
        started_at=_last(interview, Status.ACTIVATED) or interview.activated_at,
        deadline=interview.auto_destroy_at if running and not paused else None,
        ended_at=_last(interview, Status.DESTROYING) or interview.completed_at,
        access_url=interview.access_url if running else None,
        password=interview.password if running else None,
        failed_step=FAILED_STEPS.get(interview.failed_step or "", "Preparing your workspace"),
        may_retry=interview.is_take_home and actions.candidate_may_retry(interview),
        retry_until=interview.auto_destroy_at if state is Status.ERROR else None,
        end_reason=interview.end_reason or "",
        was_running=interview.ready_at is not None,
        is_closed=interview.destroyed_at is not None,
        saves=bool(interview.save_files),
        is_saved=_is_saved(interview),
        # Rows of other versions know where their files are, and not how large.
        saved_bytes=int(interview.archive_bytes) if interview.archive_bytes else None,
        is_delayed=state is Status.DESTROYING and interview.problem is not None,
        is_restarting=running and bool(interview.restarting),
        is_reopened=bool(interview.reopened),
        paused_left=int(interview.paused_left or 0) if paused else None,
        news=time_notices_of(interview, "test" if interview.is_take_home else "interview"),
        time_changes=int(interview.time_changes or 0),
        time_changes_seen=int(interview.time_changes_seen or 0),
        usual_wait=usual_wait(interview),
    )


def _last(interview: Interview, status: Status) -> datetime | None:
    """When the interview last became this."""
    for moment in reversed(interview.timeline):
        # More time given meanwhile is a moment of that status, too.
        if moment.status == status and moment.what in (None, REOPENED):
            at: datetime = moment.at
            return at
    return None


def _is_saved(interview: Interview) -> bool:
    """Are the files in the store, and those of this opening where it has made any?"""
    return interview.is_saved or (bool(interview.history_s3_key) and interview.ready_at is None)


def usual_wait(interview: Interview) -> str:
    """As in "about 20 seconds", while it is prepared; "" where nobody can tell yet."""
    if interview.state not in PROVISIONING or not interview.provisioner:
        return ""
    usual = statistics.usual_duration(interview.provisioner)
    return durations.estimate(usual) if usual is not None else ""
