"""Format times and durations for e-mail, which has no script to convert to the reader's zone."""

from datetime import UTC, datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from interviews.local_time import planned
from interviews.models import Interview


def format_time(at: datetime, zone: str, rules: tzinfo | None = None) -> str:
    """Return for example `Friday, 7 November 2031, 18:00 (Europe/Berlin, UTC+01:00), which is
    17:00 UTC`.

    `rules` replaces the rules that the zone has by today's data.
    """
    local = at.astimezone(rules or ZoneInfo(zone))
    parts = {"local": _format_minute(local), "zone": zone, "offset": format_utc_offset(local)}
    if not local.utcoffset():
        text = _("%(local)s UTC") if zone == "UTC" else _("%(local)s (%(zone)s, the same as UTC)")
        return text % parts
    utc = at.astimezone(UTC)
    text = (
        _("%(local)s (%(zone)s, UTC%(offset)s), which is %(utc)s UTC")
        if utc.date() == local.date()
        else _("%(local)s (%(zone)s, UTC%(offset)s), which is %(utc)s UTC on %(utc_day)s")
    )
    return text % {**parts, "utc": f"{utc:%H:%M}", "utc_day": _format_long_day(utc)}


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
    text = (
        _("%(clock)s (UTC%(offset)s), which is %(utc)s UTC")
        if utc.date() == local.date()
        else _("%(clock)s (UTC%(offset)s), which is %(utc)s UTC on %(utc_day)s")
    )
    return text % {
        "clock": f"{local:%H:%M}",
        "offset": format_utc_offset(there),
        "utc": f"{utc:%H:%M}",
        "utc_day": _format_day(utc),
    }


def format_reading_in(zone: str, at: datetime) -> str:
    """As `format_reading`, of an instant in a zone."""
    return format_reading(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None), at)


def format_utc_offset(at: datetime) -> str:
    """Return for example `+05:30`."""
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:5]}"


def format_day(at: datetime, zone: str) -> str:
    """Return for example `7 November`, the date in that zone."""
    return _format_day(at.astimezone(ZoneInfo(zone)))


def _format_minute(at: datetime) -> str:
    return f"{_format_long_day(at)}, {at:%H:%M}"


def _format_long_day(at: datetime) -> str:
    return format_date(at, pgettext("date format", "l, j F Y"))


def _format_day(at: datetime) -> str:
    return format_date(at, pgettext("date format", "j F"))
