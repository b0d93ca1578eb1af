"""Whether the local time that was said still is the instant for which an interview is planned.

Nothing moves by itself: staff moves it or keeps it.
"""

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from interviews import local_time
from interviews.lifecycle import Status
from interviews.models import Interview

# From then on a change of the rules is urgent.
URGENT_BEFORE = timedelta(hours=24)


def changed_reading(interview: Interview) -> datetime | None:
    """Return the instant that today's zone data gives what was said, if staff has to decide.

    None if it is the planned instant, if staff decided already, or once it is being prepared.
    """
    if not is_decidable(interview):
        return None
    reading = _other_reading(interview)
    return None if reading == interview.declined_reading else reading


def is_decidable(interview: Interview) -> bool:
    """True until the workspace is being prepared."""
    return interview.state is Status.SCHEDULED and interview.scheduled_at is not None


def planned_zone(interview: Interview) -> tzinfo:
    """Return the zone of the planned time: its own, or the offset that staff meant instead."""
    reading = _other_reading(interview)
    at, local = interview.scheduled_at, interview.scheduled_local
    if (
        reading is None
        or reading != interview.declined_reading
        # A row of an earlier version, which took any offset.
        or not local_time.is_possible_offset(local, at)
    ):
        return ZoneInfo(interview.time_zone or "UTC")
    return timezone(datetime.fromisoformat(local) - at.replace(tzinfo=None))


def _other_reading(interview: Interview) -> datetime | None:
    """The instant of what was said, unless the planned one is among those that it may mean."""
    local, zone = interview.scheduled_local, interview.time_zone
    if interview.scheduled_at is None or local is None or zone is None:
        return None
    try:
        return local_time.other_reading(local, interview.scheduled_at, zone)
    except local_time.InvalidLocalTimeError:
        # A row of another version.
        return None
