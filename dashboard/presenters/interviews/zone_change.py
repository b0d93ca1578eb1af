"""The choice that staff has when a planned time and the rules of its zone no longer agree."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from interviews.dynamodb import now
from interviews.local_time import planned
from interviews.models import Interview
from operations.mail import formatting


@dataclass(frozen=True)
class ZoneChange:
    """Both readings in words, such as "10:00 (UTC-06:00), which is 16:00 UTC".

    `reading` is the instant of what was said, by today's zone data.
    """

    zone: str
    said: str
    planned_words: str
    reading_words: str
    reading: datetime
    move_to: str
    keep_at: str
    is_urgent: bool
    may_decide: bool


def zone_change_of(interview: Interview, *, may_decide: bool) -> ZoneChange | None:
    """The choice, or None if there is nothing to decide."""
    reading = planned.changed_reading(interview)
    if reading is None:
        return None
    zone = interview.time_zone
    at: datetime = interview.scheduled_at
    return ZoneChange(
        zone=zone,
        said=formatting.format_local(interview.scheduled_local),
        planned_words=formatting.format_reading_in(zone, at),
        reading_words=formatting.format_reading_in(zone, reading),
        reading=reading,
        move_to=f"{reading.astimezone(ZoneInfo(zone)):%H:%M}",
        keep_at=f"{at.astimezone(ZoneInfo(zone)):%H:%M}",
        is_urgent=at - now() <= planned.URGENT_BEFORE,
        may_decide=may_decide,
    )
