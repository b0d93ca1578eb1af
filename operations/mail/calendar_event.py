"""The calendar event (.ics): a live interview, or the last moment to start a test.

A live interview is a meeting: METHOD:REQUEST with ORGANIZER and ATTENDEE (RFC 5546, 3.2.2), which
mail programs enter, move and remove by themselves. The last moment to start is nothing that anybody
accepts: METHOD:PUBLISH (3.2.1). Both end with METHOD:CANCEL (3.2.5; of a published event: 4.1.3).
UID and ORGANIZER stay over the whole life, and SEQUENCE grows: an update with another organizer, or
without a higher number, is ignored.

Interviewers and the candidate have entries of the same meeting: with the same UID, and each with
its own attendee alone, so that nobody sees another's address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress

from interviews.dynamodb import now
from interviews.models import Interview
from operations.mail import formatting

ALARM_BEFORE_DEADLINE = timedelta(days=1)
ALARM_BEFORE_INTERVIEW = timedelta(minutes=15)


@dataclass(frozen=True)
class EventDetails:
    """What an event has besides its time. Organizer and attendee are e-mail addresses."""

    title: str
    link: str
    host: str
    organizer: str
    attendee: str
    sequence: int


class EventEnd(Enum):
    """Why an event ends: for everybody, or for the one attendee who is uninvited."""

    CANCELLED = "cancelled"
    REMOVED = "removed"


def has_event(interview: Interview) -> bool:
    return _event_time(interview) is not None


def calendar_event(
    interview: Interview, details: EventDetails, end: EventEnd | None = None
) -> tuple[str, str]:
    """Return the METHOD and the .ics file.

    Raises:
        ValueError: if the interview has no time.
    """
    starts_at = _event_time(interview)
    if starts_at is None:
        raise ValueError("there is no moment to enter")
    method = "PUBLISH" if interview.is_take_home else "REQUEST"
    event = Event()
    event.add("uid", f"{interview.id}@{details.host}")
    event.add("sequence", details.sequence)
    event.add("dtstamp", now())
    event.add("organizer", _address(details.organizer))
    event.add("summary", details.title)
    event.add("dtstart", starts_at)
    if not interview.is_take_home:
        event.add("dtend", starts_at + interview.length)
        event.add("attendee", _attendee(details.attendee))
    if end is not None:
        method = "CANCEL"
        if end is EventEnd.CANCELLED:
            # RFC 5546, 3.2.5: absent where attendees are uninvited, as the event itself stays.
            event.add("status", "CANCELLED")
    else:
        _add_invitation(event, interview, details)
    calendar = Calendar()
    calendar.add("prodid", "-//Takehome Platform//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return method, str(calendar.to_ical().decode())


def _add_invitation(event: Event, interview: Interview, details: EventDetails) -> None:
    event.add("status", "CONFIRMED")
    event.add("url", details.link)
    if interview.is_take_home:
        # The deadline must not make the candidate look busy.
        event.add("transp", "TRANSPARENT")
        event.add("description", _("Your test: %(link)s") % {"link": details.link})
        event.add_component(_alarm(ALARM_BEFORE_DEADLINE, details.title))
    else:
        event.add("location", details.link)
        # Its own zone data decides how a calendar shows the instant.
        planned = formatting.format_planned_time(interview)
        where = _("Please open %(link)s") % {"link": details.link}
        event.add("description", f"{planned}\n{where}")
        event.add_component(_alarm(ALARM_BEFORE_INTERVIEW, details.title))


def _event_time(interview: Interview) -> datetime | None:
    event_time: datetime | None = interview.valid_until or interview.scheduled_at
    return event_time


def _address(email: str) -> vCalAddress:
    return vCalAddress(f"mailto:{email}")


def _attendee(email: str) -> vCalAddress:
    attendee = _address(email)
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    # Nobody reads answers to the organizer's address.
    attendee.params["RSVP"] = "FALSE"
    return attendee


def _alarm(before: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before)
    return alarm
