"""The calendar event (.ics) for a candidate: a live interview, or the last moment to start."""

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from interviews.dynamodb import now
from interviews.models import Interview

ALARM_BEFORE_DEADLINE = timedelta(days=1)
ALARM_BEFORE_INTERVIEW = timedelta(minutes=15)


def has_event(interview: Interview) -> bool:
    return _event_time(interview) is not None


def calendar_event(interview: Interview, *, title: str, link: str, host: str, sequence: int) -> str:
    """Return the .ics file.

    Resending it with a higher `sequence` replaces the event in the calendar, because the UID stays.

    Raises:
        ValueError: if the interview has no time.
    """
    starts_at = _event_time(interview)
    if starts_at is None:
        raise ValueError("there is no moment to enter")
    event = Event()
    event.add("uid", f"{interview.id}@{host}")
    event.add("sequence", sequence)
    event.add("dtstamp", now())
    event.add("summary", title)
    event.add("dtstart", starts_at)
    event.add("url", link)
    if interview.is_take_home:
        # The deadline must not make the candidate look busy.
        event.add("transp", "TRANSPARENT")
        event.add("description", f"Your test is at {link}")
        event.add_component(_alarm(ALARM_BEFORE_DEADLINE, title))
    else:
        event.add("dtend", starts_at + interview.length)
        event.add("location", link)
        event.add("description", f"Please open {link}")
        event.add_component(_alarm(ALARM_BEFORE_INTERVIEW, title))
    calendar = Calendar()
    calendar.add("prodid", "-//Takehome Platform//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _event_time(interview: Interview) -> datetime | None:
    event_time: datetime | None = interview.valid_until or interview.scheduled_at
    return event_time


def _alarm(before: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before)
    return alarm
