"""Format times and durations for e-mail, which has no script to convert to the reader's zone."""

from datetime import UTC, datetime, timezone
from zoneinfo import ZoneInfo


def format_time(at: datetime, zone: str) -> str:
    """Return for example `Friday, 7 November 2031, 18:00 (Europe/Berlin, UTC+01:00), which is
    17:00 UTC`."""
    local = at.astimezone(ZoneInfo(zone))
    local_time = f"{_format_long_day(local)}, {local:%H:%M}"
    if not local.utcoffset():
        return f"{local_time} UTC" if zone == "UTC" else f"{local_time} ({zone}, the same as UTC)"
    utc = at.astimezone(UTC)
    utc_day = "" if utc.date() == local.date() else f" on {_format_long_day(utc)}"
    offset = format_utc_offset(local)
    return f"{local_time} ({zone}, UTC{offset}), which is {utc:%H:%M} UTC{utc_day}"


def format_reading(local: datetime, at: datetime) -> str:
    """Return for example `10:00 (UTC-06:00), which is 16:00 UTC`."""
    utc = at.astimezone(UTC)
    there = local.replace(tzinfo=timezone(local - utc.replace(tzinfo=None)))
    utc_day = "" if utc.date() == local.date() else f" on {utc.day} {utc:%B}"
    return f"{local:%H:%M} (UTC{format_utc_offset(there)}), which is {utc:%H:%M} UTC{utc_day}"


def format_utc_offset(at: datetime) -> str:
    """Return for example `+05:30`."""
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:5]}"


def format_day(at: datetime, zone: str) -> str:
    """Return for example `7 November`, the date in that zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B}"


def _format_long_day(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B %Y}"
