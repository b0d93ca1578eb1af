"""Format times and durations for e-mail, which has no script to convert to the reader's zone."""

from datetime import UTC, datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

from interviews.local_time import planned
from interviews.models import Interview


def format_time(at: datetime, zone: str, rules: tzinfo | None = None) -> str:
    """Return for example `Friday, 7 November 2031, 18:00 (Europe/Berlin, UTC+01:00), which is
    17:00 UTC`.

    `rules` replaces the rules that the zone has by today's data.
    """
    local = at.astimezone(rules or ZoneInfo(zone))
    local_time = _format_minute(local)
    if not local.utcoffset():
        return f"{local_time} UTC" if zone == "UTC" else f"{local_time} ({zone}, the same as UTC)"
    utc = at.astimezone(UTC)
    utc_day = "" if utc.date() == local.date() else f" on {_format_long_day(utc)}"
    offset = format_utc_offset(local)
    return f"{local_time} ({zone}, UTC{offset}), which is {utc:%H:%M} UTC{utc_day}"


def format_planned_time(interview: Interview, zone: str | None = None) -> str:
    """Return the time of a planned interview as `format_time` does, in its own zone by default."""
    zone = zone or interview.time_zone or "UTC"
    rules = planned.planned_zone(interview) if zone == interview.time_zone else None
    return format_time(interview.scheduled_at, zone, rules)


def format_planned_clock(interview: Interview) -> str:
    """Return for example `10:00 (America/Edmonton, UTC-06:00)`."""
    local = interview.scheduled_at.astimezone(planned.planned_zone(interview))
    zone = interview.time_zone or "UTC"
    is_utc = zone == "UTC"
    return (
        f"{local:%H:%M} UTC" if is_utc else f"{local:%H:%M} ({zone}, UTC{format_utc_offset(local)})"
    )


def format_local(local: str) -> str:
    """Return for example `Tuesday, 15 December 2026, 10:00`, of a local time in ISO format."""
    return _format_minute(datetime.fromisoformat(local))


def format_reading(local: datetime, at: datetime) -> str:
    """Return for example `10:00 (UTC-06:00), which is 16:00 UTC`."""
    utc = at.astimezone(UTC)
    there = local.replace(tzinfo=timezone(local - utc.replace(tzinfo=None)))
    utc_day = "" if utc.date() == local.date() else f" on {utc.day} {utc:%B}"
    return f"{local:%H:%M} (UTC{format_utc_offset(there)}), which is {utc:%H:%M} UTC{utc_day}"


def format_reading_in(zone: str, at: datetime) -> str:
    """As `format_reading`, of an instant in a zone."""
    return format_reading(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None), at)


def format_utc_offset(at: datetime) -> str:
    """Return for example `+05:30`."""
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:5]}"


def format_day(at: datetime, zone: str) -> str:
    """Return for example `7 November`, the date in that zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B}"


def _format_minute(at: datetime) -> str:
    return f"{_format_long_day(at)}, {at:%H:%M}"


def _format_long_day(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B %Y}"
