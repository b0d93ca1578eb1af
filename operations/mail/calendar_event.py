"""The entry for a candidate's calendar (.ics): a live interview, or the last moment to start."""

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from interviews.dynamodb import now
from interviews.models import Interview

# Before the last moment to start, and before a live interview.
EARLY = timedelta(days=1)
SOON = timedelta(minutes=15)


def has_moment(interview: Interview) -> bool:
    return _moment(interview) is not None


def calendar_event(interview: Interview, *, title: str, link: str, host: str, sequence: int) -> str:
    """The file. Sent again, it has the same UID and a higher SEQUENCE: calendars replace it."""
    at = _moment(interview)
    if at is None:
        raise ValueError("there is no moment to enter")
    event = Event()
    event.add("uid", f"{interview.id}@{host}")
    event.add("sequence", sequence)
    event.add("dtstamp", now())
    event.add("summary", title)
    event.add("dtstart", at)
    event.add("url", link)
    if interview.is_take_home:
        # A moment, which takes up no time: whoever looks for an appointment is still free.
        event.add("transp", "TRANSPARENT")
        event.add("description", f"Your test is at {link}")
        event.add_component(_alarm(EARLY, title))
    else:
        event.add("dtend", at + interview.length)
        event.add("location", link)
        event.add("description", f"Please open {link}")
        event.add_component(_alarm(SOON, title))
    calendar = Calendar()
    calendar.add("prodid", "-//Takehome Platform//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _moment(interview: Interview) -> datetime | None:
    at: datetime | None = interview.valid_until or interview.scheduled_at
    return at


def _alarm(before: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before)
    return alarm
