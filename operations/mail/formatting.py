"""Times as an e-mail says them: it has no script that knows the reader's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def moment(at: datetime, zone: str) -> str:
    """Friday, 7 November 2031, 18:00 (Europe/Berlin, UTC+01:00), which is 17:00 UTC"""
    there = at.astimezone(ZoneInfo(zone))
    if not there.utcoffset():
        name = "UTC" if zone == "UTC" else f"({zone}, the same as UTC)"
        return f"{_day(there)}, {there:%H:%M} {name}"
    utc = at.astimezone(UTC)
    day = "" if utc.date() == there.date() else f" on {_day(utc)}"
    return (
        f"{_day(there)}, {there:%H:%M} ({zone}, UTC{offset(there)}), which is {utc:%H:%M} UTC{day}"
    )


def offset(at: datetime) -> str:
    """+05:30"""
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:5]}"


def day(at: datetime, zone: str) -> str:
    """7 November, as the zone's calendar has it."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there.day} {there:%B}"


def _day(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B %Y}"
