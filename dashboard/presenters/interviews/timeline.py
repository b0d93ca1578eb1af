"""An interview's timeline in words: each event, its time and its actor.

Words that follow a name are a predicate, in every language: "started the test", "hat den Test
gestartet". The others are whole sentences.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.presenters import durations
from dashboard.presenters.interviews.reports import Report, report_of
from interviews.attributes import TAKE_HOME
from interviews.challenges.policy import Policy
from interviews.derived_keys import PROVISION_LEAD_TIME
from interviews.indexes import TimelineEntry
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.archives.archive import archives_of_sittings

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
    # What the candidate wrote, if it is a report.
    report: Report | None = None

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
    return Line(moment.at, status, what, by, place.by_schedule, words, report_of(moment))


def _created(place: Place) -> str:
    if place.interview.type == TAKE_HOME:
        return _("invited the candidate")
    at = place.interview.scheduled_at
    return _("scheduled the interview") if at else _("started the interview immediately")


def _activated(place: Place) -> str:
    if place.by_schedule:
        n = int(PROVISION_LEAD_TIME.total_seconds() // 60)
        return ngettext(
            "The workspace is started %(n)s minute before the interview",
            "The workspace is started %(n)s minutes before the interview",
            n,
        ) % {"n": n}
    if place.before is Status.ERROR:
        return _("tried again")
    return _("started the test") if place.interview.type == TAKE_HOME else _("started it")


def _failed(place: Place) -> str:
    if _by_machine(place):
        return _("The workspace couldn't be started")
    return _("stopped the start")


def _ending(place: Place) -> str:
    if place.by_schedule:
        ready = place.before is Status.ACTIVE
        return _("Time ran out") if ready else _("The workspace wasn't ready in time")
    if str(place.moment.by) == CANDIDATE:
        return _("submitted the test")
    revoked = place.after is Status.REVOKED or (
        place.after is None and place.interview.end_reason == EndReason.REVOKED
    )
    return _("withdrew it") if revoked else _("stopped it")


def _gone(place: Place) -> str:
    if not _by_machine(place):
        completed = place.moment.status == Status.COMPLETED
        return _("closed it") if completed else _("withdrew the invitation")
    if not place.interview.provisioner:
        return _("Closed. Its workspace wasn't started by this platform")
    is_saved = place.sitting in archives_of_sittings(place.interview)
    if is_saved:
        return _("Files saved and workspace closed")
    return _("Workspace closed")


def _extended(place: Place) -> str:
    seconds = int(place.moment.seconds or 0)
    words = durations.exact(timedelta(seconds=abs(seconds)))
    if seconds >= 0:
        return _("added %(length)s") % {"length": words}
    return _("took away %(length)s") % {"length": words}


def _credited(place: Place) -> str:
    words = durations.exact(timedelta(seconds=int(place.moment.seconds or 0)))
    return _("%(length)s given back: the workspace didn't respond for that long") % {
        "length": words
    }


def _reopened(place: Place) -> str:
    words = durations.exact(timedelta(seconds=int(place.moment.seconds or 0)))
    return _("reopened it for %(length)s, with the saved files") % {"length": words}


def _edited(place: Place) -> str:
    names = _names_of(map(str, place.moment.changed or ()))
    if place.before is Status.EXPIRED:
        return _("set a new deadline to start")
    if names:
        return _("changed: %(fields)s") % {"fields": names}
    return _("changed the invitation")


def _rescheduled(place: Place) -> str:
    changed = list(map(str, place.moment.changed or ()))
    if place.moment.moved_to is None:
        if names := _names_of(changed):
            return _("changed: %(fields)s") % {"fields": names}
        return _("changed the schedule")
    zone = str(place.moment.zone or "UTC")
    at = place.moment.moved_to.astimezone(ZoneInfo(zone))
    values = {"time": f"{date_format(at, 'j M Y')}, {at:%H:%M}", "zone": zone}
    if also := _names_of(name for name in changed if name != "scheduledAt"):
        return _("moved it to %(time)s (%(zone)s) and changed: %(fields)s") % (
            values | {"fields": also}
        )
    return _("moved it to %(time)s (%(zone)s)") % values


def _restored(place: Place) -> str:
    kept_at = place.moment.moved_to or place.moment.at
    if place.moment.status == Status.DESTROYING:
        words = _("The workspace was lost. Its files from %(length)s earlier were saved")
    else:
        words = _(
            "The workspace was lost. It was started again with its files from %(length)s earlier; "
            "the clock was paused meanwhile"
        )
    return words % {"length": durations.exact(place.moment.at - kept_at)}


def _moved(place: Place) -> str:
    kept_at = place.moment.moved_to or place.moment.at
    if place.moment.status == Status.DESTROYING:
        words = _(
            "The machine of the workspace was down. Its files from %(length)s earlier were saved; "
            "newer ones are saved beside them if the machine comes back"
        )
    else:
        words = _(
            "The machine of the workspace was down. It was started on another one with its files "
            "from %(length)s earlier; the clock was paused meanwhile. Newer files are saved if the "
            "machine comes back"
        )
    return words % {"length": durations.exact(place.moment.at - kept_at)}


def _policy_confirmed(place: Place) -> str:
    policy = Policy.from_stored(place.interview.confirmed_policy)
    parts = [line.words for line in policy.lines]
    if policy.note:
        parts.append(_("“%(note)s”") % {"note": policy.note})
    return _("confirmed what's allowed: %(parts)s") % {"parts": "; ".join(parts)}


def _names_of(changed: Iterable[str]) -> str:
    """The attributes in words, such as "name, email address, deadline to start"."""
    return ", ".join(str(FIELDS[name]) for name in changed if name in FIELDS)


def _by_machine(place: Place) -> bool:
    return str(place.moment.by) in (SCHEDULE, WORKER)


def _always(words: Any) -> Callable[[Place], str]:
    return lambda place: str(words)


# The attributes of an edit, by stored name. The time zone is said with the time.
FIELDS = {
    "candidateName": gettext_lazy("name"),
    "candidateEmail": gettext_lazy("email address"),
    "challenge": gettext_lazy("challenge"),
    "customInstructions": gettext_lazy("instructions"),
    "durationMinutes": gettext_lazy("time limit"),
    "allowancePercent": gettext_lazy("extra time"),
    "validUntil": gettext_lazy("deadline to start"),
    "scheduledAt": gettext_lazy("start"),
    "interviewers": gettext_lazy("interviewers"),
}

STATUSES: dict[Status, Callable[[Place], str]] = {
    Status.AVAILABLE: _created,
    Status.SCHEDULED: _created,
    Status.ACTIVATED: _activated,
    Status.INITIALIZING: _always(gettext_lazy("Creating the workspace")),
    Status.CONFIGURING: _always(gettext_lazy("Workspace created, waiting for it to respond")),
    Status.ACTIVE: _always(gettext_lazy("The workspace is ready, and the clock started")),
    Status.ERROR: _failed,
    Status.DESTROYING: _ending,
    Status.COMPLETED: _gone,
    Status.REVOKED: _gone,
    Status.CANCELLED: _always(gettext_lazy("cancelled it")),
    Status.EXPIRED: _always(gettext_lazy("The invitation expired")),
}
WHATS: dict[str, Callable[[Place], str]] = {
    TimelineEvent.EXTENDED: _extended,
    TimelineEvent.CREDITED: _credited,
    TimelineEvent.REOPENED: _reopened,
    TimelineEvent.EDITED: _edited,
    TimelineEvent.RESCHEDULED: _rescheduled,
    TimelineEvent.PROBLEM_REPORTED: _always(gettext_lazy("reported a problem")),
    TimelineEvent.RESTORED: _restored,
    TimelineEvent.MOVED: _moved,
    TimelineEvent.POLICY_CONFIRMED: _policy_confirmed,
    TimelineEvent.MOVED_UP: _always(gettext_lazy("moved it to the front of the line")),
    TimelineEvent.LEFT_LINE: _always(gettext_lazy("left the line for a workspace")),
    TimelineEvent.PRACTISED: _always(gettext_lazy("tried a practice workspace")),
    TimelineEvent.TIME_KEPT: _always(
        gettext_lazy("kept the time although the clock rules of its zone changed")
    ),
}
