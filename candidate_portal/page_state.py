"""The view model of the candidate's page: the only data of an interview that its templates get."""

import hashlib
import time
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from candidate_portal.practice_state import PracticeState, practice_state_of
from candidate_portal.time_notices import (
    TimeNotice,
    time_notices_of,
)
from interviews import durations
from interviews.challenges import library
from interviews.challenges.checks.manifest import CandidateCheck
from interviews.challenges.policy import Policy
from interviews.challenges.storage import README
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations import actions, policies, workspace_sign_in
from operations.admission import positions
from operations.admission.positions import Position
from operations.archives import not_saved
from operations.inviter import inviter_name
from operations.mail import formatting
from operations.progress.schedule import is_kept
from operations.start_times import statistics

# The provisioning steps that the candidate sees, in order, by the status in which each is current.
STEPS = {
    Status.ACTIVATED: gettext_lazy("Queued"),
    Status.INITIALIZING: gettext_lazy("Preparing your workspace"),
    Status.CONFIGURING: gettext_lazy("Starting the editor"),
    Status.ACTIVE: gettext_lazy("Ready"),
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
# Live interviews differ: the candidate cannot start or end them.
LIVE_TEMPLATES = TEMPLATES | {
    Status.SCHEDULED: "scheduled",
    Status.AVAILABLE: "scheduled",
    Status.EXPIRED: "withdrawn",
}
END_STEPS = (
    gettext_lazy("Saving your files"),
    gettext_lazy("Closing the workspace"),
    gettext_lazy("Done"),
)
# The headings, which a screen reader announces when the page changes.
HEADLINES = {
    "provisioning": gettext_lazy("Getting your workspace ready"),
    "active": gettext_lazy("Your workspace is ready"),
    "error": gettext_lazy("Your workspace couldn't be started"),
    "destroying": gettext_lazy("Saving your files"),
    "completed": gettext_lazy("Your test is over"),
    "expired": gettext_lazy("This invitation has expired"),
    "withdrawn": gettext_lazy("This test was withdrawn"),
}

LIVE_HEADLINES = HEADLINES | {
    "scheduled": gettext_lazy("Your interview is scheduled"),
    "completed": gettext_lazy("Your interview is over"),
    "withdrawn": gettext_lazy("This interview was cancelled"),
}


@dataclass(frozen=True)
class Step:
    name: str
    is_done: bool
    is_current: bool


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
    # The workspace was lost and started again with the files that were kept at this time.
    restored_from: datetime | None
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
        return f"candidate_portal/states/_{self._kind}.html"

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


def page_state_of(interview: Interview) -> PageState:
    """Return the page state of an interview, and what its version of its challenge says.

    Of a newer version of the challenge the candidate gets no file, and so they read nothing of it.
    """
    challenge = library.invited_details(interview.challenge, interview.challenge_version)
    state = interview.state
    is_running = state is Status.ACTIVE
    is_paused = is_running and interview.paused_at is not None
    position = positions.position_of(interview)
    policy = Policy() if state in FINAL else policies.policy_of(interview)
    return PageState(
        status=state,
        is_live=not interview.is_take_home,
        passcode=str(interview.passcode),
        candidate_name=interview.candidate_name,
        challenge_name=challenge.name if challenge else interview.challenge,
        description=challenge.description if challenge else "",
        instructions=challenge.instructions if challenge else README,
        language=challenge.language if challenge else "",
        custom_instructions=interview.custom_instructions,
        duration_minutes=int(interview.length.total_seconds() // 60),
        valid_until=interview.valid_until,
        begins_at=None if interview.reopened else interview.scheduled_at,
        planned_time=_planned_time(interview),
        started_at=_last_time_of(interview, Status.ACTIVATED) or interview.activated_at,
        deadline=interview.auto_destroy_at if is_running and not is_paused else None,
        ended_at=_last_time_of(interview, Status.DESTROYING) or interview.completed_at,
        access_url=interview.workspace_link if is_running else None,
        password=interview.password if is_running else None,
        is_sign_in_refused=is_running and workspace_sign_in.is_refused(interview),
        plain_url=workspace_sign_in.plain_address(interview.workspace_link) if is_running else "",
        web_app_url=workspace_sign_in.web_app_address(interview, 3000) if is_running else "",
        signs_in=is_running and workspace_sign_in.signs_in_by_itself(interview),
        failed_step=str(FAILED_STEPS.get(interview.failed_step or "", STEPS[Status.INITIALIZING])),
        may_retry=interview.is_take_home and actions.candidate_may_retry(interview),
        retry_until=interview.auto_destroy_at if state is Status.ERROR else None,
        end_reason=interview.end_reason or "",
        was_running=interview.ready_at is not None,
        is_closed=interview.destroyed_at is not None,
        saves=bool(interview.save_files),
        is_saved=_is_saved(interview),
        # Rows of earlier versions do not have the size.
        saved_bytes=int(interview.archive_bytes) if interview.archive_bytes else None,
        not_saved=not_saved.summary_of(interview),
        is_delayed=state is Status.DESTROYING and interview.problem is not None,
        is_restarting=is_running and bool(interview.restarting),
        is_reopened=bool(interview.reopened),
        paused_left=int(interview.paused_left or 0) if is_paused else None,
        reference=interview.id,
        progress_minutes=settings.PROGRESS_MINUTES if is_kept(interview) else 0,
        kept_at=_kept_at(interview),
        is_restoring=is_running and interview.restoring_state is not None,
        restored_from=_restored_from(interview) if is_running else None,
        may_download=_may_download(interview),
        kept_days=settings.RETENTION_DAYS,
        news=time_notices_of(interview),
        time_changes=int(interview.time_changes or 0),
        policy=policy,
        checks=challenge.candidate_checks if challenge and is_running else (),
        internet_note="" if state in FINAL else policies.internet_note(interview, policy),
        practice=practice_state_of(interview),
        time_changes_seen=int(interview.time_changes_seen or 0),
        asks_feedback=actions.may_give_feedback(interview),
        feedback_rating=str(int(interview.feedback_rating)) if interview.feedback_rating else "",
        feedback_text=interview.feedback_text or "",
        usual_wait=estimated_wait(interview),
        place=position.place if position is not None else None,
        line_wait=_line_wait(position),
        may_leave_line=position is not None and actions.may_leave_line(interview),
        position=position,
        inviter=inviter_name(interview),
    )


def _line_wait(position: Position | None) -> str:
    wait = position.wait if position is not None else None
    return "" if wait is None else durations.estimate_minutes(wait)


def _last_time_of(interview: Interview, status: Status) -> datetime | None:
    """Return when the interview last changed to this status, or None."""
    for event in reversed(interview.timeline):
        # Events such as more time have the status of that time too.
        if event.status == status and event.what in (None, TimelineEvent.REOPENED):
            at: datetime = event.at
            return at
    return None


def _planned_time(interview: Interview) -> str:
    is_known = interview.scheduled_at is not None and interview.time_zone is not None
    return formatting.format_planned_time(interview) if is_known else ""


def _is_saved(interview: Interview) -> bool:
    """True if files are stored: those of this sitting, if its workspace was ever ready."""
    return interview.is_saved or (bool(interview.history_s3_key) and interview.ready_at is None)


def _may_download(interview: Interview) -> bool:
    is_over = interview.state is Status.COMPLETED
    return settings.CANDIDATE_DOWNLOADS and is_over and _is_saved(interview)


def _kept_at(interview: Interview) -> datetime | None:
    """When the files of this sitting's running workspace were kept last, or None."""
    kept_at: datetime | None = interview.kept_at
    ready_at = interview.ready_at
    is_of_this_sitting = kept_at is not None and ready_at is not None and kept_at >= ready_at
    return kept_at if is_of_this_sitting and interview.state is Status.ACTIVE else None


def _restored_from(interview: Interview) -> datetime | None:
    """When the files were kept with which this sitting's workspace was started again, or None."""
    for event in reversed(interview.timeline):
        if event.what == TimelineEvent.RESTORED:
            kept_at: datetime | None = event.moved_to
            return kept_at
        if event.status != Status.ACTIVE:
            break
    return None


def estimated_wait(interview: Interview) -> str:
    """Return the estimated provisioning time, for example "about 20 seconds", or ""."""
    if interview.state not in PROVISIONING or not interview.provisioner:
        return ""
    usual = statistics.usual_duration(interview.provisioner)
    return durations.estimate(usual) if usual is not None else ""
