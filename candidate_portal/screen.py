"""What the candidate's page may know of an interview: a whitelist, and the words for it."""

import hashlib
import time
from dataclasses import dataclass, fields
from datetime import datetime

from interviews import challenges
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview
from operations import actions

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


@dataclass(frozen=True)
class Step:
    name: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True)
class Screen:
    """Facts for the templates. URL and password are there only while the test runs."""

    status: Status
    passcode: str
    candidate_name: str
    challenge_name: str
    description: str
    language: str
    custom_instructions: str
    duration_minutes: int
    valid_until: datetime | None
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
    is_saved: bool
    saved_bytes: int | None
    is_delayed: bool
    is_restarting: bool

    @property
    def template(self) -> str:
        return f"candidate_portal/_{TEMPLATES[self.status]}.html"

    @property
    def headline(self) -> str:
        if self.status is Status.DESTROYING and not self.was_running:
            return "Closing your test"
        return HEADLINES.get(TEMPLATES[self.status], self.challenge_name)

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def steps(self) -> list[Step]:
        names = list(STEPS.values())
        if self.status is Status.DESTROYING:
            names, current = list(SAVING), int(self.is_saved)
        else:
            current = list(STEPS).index(self.status)
        return [
            Step(name, is_done=place < current, is_current=place == current)
            for place, name in enumerate(names)
        ]

    @property
    def length(self) -> str:
        """The duration in words: "1 hour 30 minutes"."""
        hours, minutes = divmod(self.duration_minutes, 60)
        words = [
            f"{number} {unit}{'' if number == 1 else 's'}"
            for number, unit in ((hours, "hour"), (minutes, "minute"))
            if number
        ]
        return " ".join(words)

    @property
    def version(self) -> str:
        """Differs when the page would: a page with this version need not be drawn again."""
        facts = repr([getattr(self, field.name) for field in fields(self)])
        return hashlib.sha256(facts.encode()).hexdigest()[:16]

    @property
    def now_ms(self) -> int:
        """The server's time, epoch milliseconds, for the page's countdown."""
        return time.time_ns() // 1_000_000

    @property
    def deadline_ms(self) -> int | None:
        return int(self.deadline.timestamp() * 1000) if self.deadline else None


def screen_of(interview: Interview) -> Screen:
    """The facts as they are now. Reads the challenge."""
    challenge = challenges.get(interview.challenge)
    state = interview.state
    running = state is Status.ACTIVE
    return Screen(
        status=state,
        passcode=str(interview.passcode),
        candidate_name=interview.candidate_name,
        challenge_name=challenge.name if challenge else interview.challenge,
        description=challenge.description if challenge else "",
        language=challenge.language if challenge else "",
        custom_instructions=interview.custom_instructions,
        duration_minutes=int(interview.duration_minutes),
        valid_until=interview.valid_until,
        started_at=_last(interview, Status.ACTIVATED) or interview.activated_at,
        deadline=interview.auto_destroy_at if running else None,
        ended_at=_last(interview, Status.DESTROYING) or interview.completed_at,
        access_url=interview.access_url if running else None,
        password=interview.password if running else None,
        failed_step=FAILED_STEPS.get(interview.failed_step or "", "Preparing your workspace"),
        may_retry=actions.candidate_may_retry(interview),
        retry_until=interview.auto_destroy_at if state is Status.ERROR else None,
        end_reason=interview.end_reason or "",
        was_running=interview.ready_at is not None,
        is_saved=interview.history_s3_key is not None,
        # Rows of other versions know where their files are, and not how large.
        saved_bytes=int(interview.archive_bytes) if interview.archive_bytes else None,
        is_delayed=state is Status.DESTROYING and interview.problem is not None,
        is_restarting=running and bool(interview.restarting),
    )


def _last(interview: Interview, status: Status) -> datetime | None:
    """When the interview last became this."""
    for moment in reversed(interview.timeline):
        if moment.status == status:
            at: datetime = moment.at
            return at
    return None
