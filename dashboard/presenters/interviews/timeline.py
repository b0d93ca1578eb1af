"""An interview's timeline in words: each event, its time and its actor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.presenters import durations
from interviews.attributes import TAKE_HOME
from interviews.derived_keys import PROVISION_LEAD_TIME
from interviews.indexes import TimelineEntry
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.archive import archives_of_sittings

# Actors that are no names of staff, as Interview.move_to stores them.
SCHEDULE = "schedule"
WORKER = "worker"
CANDIDATE = "candidate"


@dataclass(frozen=True)
class Line:
    """One event. `by` is the name to show before the words, or ""."""

    at: datetime
    status: Status
    what: str
    by: str
    is_schedule: bool
    words: str

    @property
    def key(self) -> str:
        """The style of the event: the new status, or the kind of event."""
        return self.what or self.status.value


@dataclass(frozen=True)
class Place:
    """An event with the statuses before and after it: a status can be reached in several ways."""

    interview: Interview
    moment: TimelineEntry
    before: Status | None
    after: Status | None
    # The number of the sitting that it belongs to.
    sitting: int

    @property
    def by_schedule(self) -> bool:
        return str(self.moment.by) == SCHEDULE


def lines_of(interview: Interview) -> list[Line]:
    """The events, oldest first."""
    moments: Sequence[TimelineEntry] = interview.timeline
    statuses = [Status(moment.status) for moment in moments]
    # Counted from the last one: an earlier portal's row may lack the reopenings before it.
    reopenings = [moment.what == TimelineEvent.REOPENED for moment in moments]
    current = int(interview.reopened or 0) + 1
    return [
        _line(
            Place(
                interview,
                moment,
                before=statuses[place - 1] if place else None,
                after=next((each for each in statuses[place:] if each != statuses[place]), None),
                sitting=current - sum(reopenings[place + 1 :]),
            )
        )
        for place, moment in enumerate(moments)
    ]


def _line(place: Place) -> Line:
    moment, status = place.moment, Status(place.moment.status)
    what = str(moment.what or "")
    words = WHATS[what](place) if what in WHATS else STATUSES[status](place)
    by = str(moment.by)
    if by == CANDIDATE:
        by = place.interview.candidate_name
    elif by in (SCHEDULE, WORKER):
        by = ""
    return Line(moment.at, status, what, by, place.by_schedule, words)


def _created(place: Place) -> str:
    if place.interview.type == TAKE_HOME:
        return "invited the candidate"
    at = place.interview.scheduled_at
    return "scheduled the interview" if at else "asked for a workspace at once"


def _activated(place: Place) -> str:
    if place.by_schedule:
        minutes = int(PROVISION_LEAD_TIME.total_seconds() // 60)
        return f"The workspace is prepared {minutes} minutes before the scheduled time"
    if place.before is Status.ERROR:
        return "tried again"
    return "started the test" if place.interview.type == TAKE_HOME else "started it"


def _failed(place: Place) -> str:
    return "The workspace could not be started" if _by_machine(place) else "stopped the start"


def _ending(place: Place) -> str:
    if place.by_schedule:
        ready = place.before is Status.ACTIVE
        return "The time was up" if ready else "The workspace was not ready in time"
    if str(place.moment.by) == CANDIDATE:
        return "submitted the test"
    revoked = place.after is Status.REVOKED or (
        place.after is None and place.interview.end_reason == EndReason.REVOKED
    )
    return "revoked it" if revoked else "ended it"


def _gone(place: Place) -> str:
    if not _by_machine(place):
        completed = place.moment.status == Status.COMPLETED
        return "recorded that it was over" if completed else "withdrew the invitation"
    if not place.interview.provisioner:
        return "Closed here; its workspace was not started by this platform"
    is_saved = place.sitting in archives_of_sittings(place.interview)
    return f"{'The files were saved, and the' if is_saved else 'The'} workspace is gone"


def _extended(place: Place) -> str:
    seconds = int(place.moment.seconds or 0)
    words = durations.exact(timedelta(seconds=abs(seconds)))
    return f"gave {words} more" if seconds >= 0 else f"took {words} away"


def _credited(place: Place) -> str:
    words = durations.exact(timedelta(seconds=int(place.moment.seconds or 0)))
    return f"{words} credited: the workspace had not answered for as long"


def _reopened(place: Place) -> str:
    words = durations.exact(timedelta(seconds=int(place.moment.seconds or 0)))
    return f"opened it again for {words}, on the saved files"


def _edited(place: Place) -> str:
    names = [FIELDS[name] for name in map(str, place.moment.changed or ()) if name in FIELDS]
    if place.before is Status.EXPIRED:
        return "gave the invitation a new deadline"
    return f"changed {join_words(names)}" if names else "changed the invitation"


def _rescheduled(place: Place) -> str:
    changed = list(map(str, place.moment.changed or ()))
    if place.moment.moved_to is None:
        names = [FIELDS[name] for name in changed if name in FIELDS]
        return f"changed {join_words(names)}" if names else "changed the plan"
    also = [FIELDS[name] for name in changed if name in FIELDS and name != "scheduledAt"]
    zone = str(place.moment.zone or "UTC")
    at = place.moment.moved_to.astimezone(ZoneInfo(zone))
    words = f"moved it to {at.day} {at:%b %Y, %H:%M} ({zone})"
    return f"{words}, and changed {join_words(also)}" if also else words


def join_words(words: Sequence[str]) -> str:
    """Such as "the name, the e-mail and the deadline"."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _by_machine(place: Place) -> bool:
    return str(place.moment.by) in (SCHEDULE, WORKER)


def _always(words: str) -> Callable[[Place], str]:
    return lambda place: words


# The attributes of an edit, by stored name. The time zone is said with the time.
FIELDS = {
    "candidateName": "the name",
    "candidateEmail": "the e-mail address",
    "challenge": "the challenge",
    "customInstructions": "the instructions",
    "durationMinutes": "the duration",
    "allowancePercent": "the extra time",
    "validUntil": "the deadline",
    "scheduledAt": "the time",
    "interviewers": "the interviewers",
}

# Words that follow a name start with a verb; others are whole sentences.
STATUSES: dict[Status, Callable[[Place], str]] = {
    Status.AVAILABLE: _created,
    Status.SCHEDULED: _created,
    Status.ACTIVATED: _activated,
    Status.INITIALIZING: _always("A worker began to provision the workspace"),
    Status.CONFIGURING: _always("The workspace is there, and is waited for until it answers"),
    Status.ACTIVE: _always("The workspace answered, and the clock began"),
    Status.ERROR: _failed,
    Status.DESTROYING: _ending,
    Status.COMPLETED: _gone,
    Status.REVOKED: _gone,
    Status.CANCELLED: _always("called it off"),
    Status.EXPIRED: _always("The invitation lapsed unused"),
}
WHATS: dict[str, Callable[[Place], str]] = {
    TimelineEvent.EXTENDED: _extended,
    TimelineEvent.CREDITED: _credited,
    TimelineEvent.REOPENED: _reopened,
    TimelineEvent.EDITED: _edited,
    TimelineEvent.RESCHEDULED: _rescheduled,
    TimelineEvent.TIME_KEPT: _always("kept the time, though the rules of its time zone changed"),
}
