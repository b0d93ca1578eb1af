"""A candidate's report of a problem, as staff reads it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from interviews import durations
from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview
from interviews.status_labels import status_label
from interviews.timeline import TimelineEvent
from operations.actions import reports_of

# How long the lists say that there was a report, once the interview is over.
SHOWN_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Report:
    """The candidate's words, and what the page knew when they wrote, one fact a line."""

    text: str
    facts: list[str]


def report_of(moment: TimelineEntry) -> Report | None:
    """Return the report of an event of the timeline, or None if it is none."""
    if moment.what != TimelineEvent.PROBLEM_REPORTED:
        return None
    known = moment.context or {}
    facts = [_("Status: %(status)s") % {"status": status_label(Status(moment.status))}]
    if "timeLeftSeconds" in known:
        left = durations.in_words(timedelta(seconds=int(known["timeLeftSeconds"])))
        facts.append(_("Time left: %(time)s") % {"time": left or "0"})
    if "screen" in known:
        facts.append(_("Window: %(size)s") % {"size": known["screen"]})
    if "stream" in known:
        facts.append(_("Live updates: %(state)s") % {"state": known["stream"]})
    if "browser" in known:
        facts.append(_("Browser: %(name)s") % {"name": known["browser"]})
    return Report(str(moment.text or ""), facts)


def last_reported_at(interview: Interview) -> datetime | None:
    """Return when the candidate last reported a problem, or None if that is of no use any more."""
    reports = reports_of(interview)
    if not reports:
        return None
    at: datetime = reports[-1].at
    return at if interview.state not in FINAL or at > now() - SHOWN_FOR else None
