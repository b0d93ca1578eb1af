"""Notices for the candidate that staff or the platform changed their time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from interviews import durations
from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent

# How long a notice stays on the page, unless the candidate dismisses it.
SHOWN_FOR = timedelta(minutes=10)
MAX_NOTICES = 3


@dataclass(frozen=True)
class TimeNotice:
    """The text of one change. Numbers increase, so that a page knows which ones it has shown."""

    number: int
    words: str


def time_notices_of(interview: Interview) -> tuple[TimeNotice, ...]:
    """Return the notices of recent changes, oldest first.

    The last change counts as recent until a page has shown it.
    """
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        return ()
    notices: list[tuple[datetime, TimeNotice]] = []
    for number, event in enumerate(interview.timeline):
        kind = str(event.what or "")
        if kind == TimelineEvent.REOPENED:
            # Earlier changes were about a sitting that is over.
            notices = []
        words = MESSAGES[kind](event, interview.is_take_home) if kind in MESSAGES else ""
        if words:
            notices.append((event.at, TimeNotice(number, words)))
    since = now() - SHOWN_FOR
    recent = [notice for at, notice in notices if at > since]
    if not recent and notices and not has_seen_last_change(interview):
        recent = [notices[-1][1]]
    return tuple(recent[-MAX_NOTICES:])


def has_seen_last_change(interview: Interview) -> bool:
    """True if the candidate's page has shown the last change."""
    return int(interview.time_changes_seen or 0) >= int(interview.time_changes or 0)


def _extended(event: TimelineEntry, is_take_home: bool) -> str:
    seconds = int(event.seconds or 0)
    words = {"time": durations.in_words(timedelta(seconds=abs(seconds)))}
    if seconds >= 0:
        return _("You've been given %(time)s more.") % words
    if is_take_home:
        return _("Your test was shortened by %(time)s.") % words
    return _("Your interview was shortened by %(time)s.") % words


def _credited(event: TimelineEntry, is_take_home: bool) -> str:
    words = durations.in_words(timedelta(seconds=int(event.seconds or 0)))
    return _("Your workspace didn't respond for %(time)s. You got that time back.") % {
        "time": words
    }


def _reopened(event: TimelineEntry, is_take_home: bool) -> str:
    words = {"time": durations.in_words(timedelta(seconds=int(event.seconds or 0)))}
    if is_take_home:
        return _("Your test was reopened for %(time)s with your saved files.") % words
    return _("Your interview was reopened for %(time)s with your saved files.") % words


def _edited(event: TimelineEntry, is_take_home: bool) -> str:
    changed = set(event.changed or ())
    if "validUntil" in changed:
        return _("The deadline to start your test has changed. This page shows the new one.")
    if not changed & LENGTH:
        return ""
    if is_take_home:
        return _("The time limit of your test has changed.")
    return _("The length of your interview has changed.")


def _rescheduled(event: TimelineEntry, is_take_home: bool) -> str:
    if event.moved_to is not None:
        return _("Your interview was moved. This page shows the new time.")
    changed = set(event.changed or ())
    return _("The length of your interview has changed.") if changed & LENGTH else ""


# The stored names of what decides the length.
LENGTH = frozenset({"durationMinutes", "allowancePercent"})
MESSAGES: dict[str, Callable[[TimelineEntry, bool], str]] = {
    TimelineEvent.EXTENDED: _extended,
    TimelineEvent.CREDITED: _credited,
    TimelineEvent.REOPENED: _reopened,
    TimelineEvent.EDITED: _edited,
    TimelineEvent.RESCHEDULED: _rescheduled,
}
