"""Convert a local time in a named time zone to UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.formats import date_format
from django.utils.translation import gettext as _

# Before any zone is read.
from interviews.local_time import zone_data as zone_data

SECOND = timedelta(seconds=1)
# No zone was ever further from UTC.
MAX_UTC_OFFSET = timedelta(hours=16)
# What browsers say that could not find out the zone of their machine. They show UTC then.
UNKNOWN_TO_BROWSER = "Etc/Unknown"


class InvalidLocalTimeError(ValueError):
    """The text names no unique instant; the message is a sentence for the user who typed it."""


class UnknownZoneError(InvalidLocalTimeError):
    """The time zone does not exist."""


class AmbiguousTimeError(InvalidLocalTimeError):
    """The time occurs twice because the clocks go back; `options` labels the two."""

    def __init__(self, sentence: str, options: tuple[str, str]) -> None:
        super().__init__(sentence)
        self.options = options


@dataclass(frozen=True)
class ClockChange:
    """A clock change of a zone, from one local time to another."""

    zone: str
    from_: datetime
    to: datetime

    def in_words(self) -> dict[str, str]:
        """What the sentences about it name."""
        return {
            "zone": self.zone,
            "day": date_format(self.from_, "DATE_FORMAT"),
            "before": f"{self.from_:%H:%M}",
            "after": _time_and_day(self.to, self.from_),
        }


@cache
def zone_names() -> tuple[str, ...]:
    """Return the IANA names of all zones, for example "Europe/Berlin"."""
    return tuple(sorted(available_timezones() - {"Factory", "localtime"}))


def browser_zone(name: str) -> str:
    """Return the zone that a browser reported, which is UTC if it could not tell."""
    return "UTC" if name == UNKNOWN_TO_BROWSER else name


def find_zone(text: str) -> str | None:
    """Return the zone for a name in any case, or for its city alone; None if there is none."""
    name = browser_zone(text.strip().replace(" ", "_")).casefold()
    if not name:
        return None
    matches = [zone for zone in zone_names() if zone.casefold() == name]
    matches = matches or [zone for zone in zone_names() if zone.casefold().endswith(f"/{name}")]
    return matches[0] if matches else None


def local_to_utc(local: str, zone: str, second: bool | None = None) -> datetime:
    """Return the UTC instant of a local time such as "2026-03-29T02:30" in a zone.

    `second` chooses between the two if the time occurs twice.

    Raises:
        UnknownZoneError: if the zone does not exist.
        AmbiguousTimeError: if the time occurs twice and `second` is None.
        InvalidLocalTimeError: if the text is no time, or a clock change skips it.
    """
    zone_name = find_zone(zone)
    if zone_name is None:
        raise UnknownZoneError(_("Enter a time zone such as Europe/Berlin."))
    tz = ZoneInfo(zone_name)
    time = _parse_local(local)
    try:
        first, last = (time.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first == last:
            return first
        change = _find_change(min(first, last), max(first, last), tz)
    except OverflowError:
        raise InvalidLocalTimeError(_("Enter a valid date and time.")) from None
    if first > last:
        raise InvalidLocalTimeError(
            _(
                "On %(day)s, clocks in %(zone)s go forward from %(before)s to %(after)s, so "
                "%(time)s doesn't exist. The next valid time is %(next)s."
            )
            % (
                change.in_words()
                | {"time": f"{time:%H:%M}", "next": _time_and_day(change.to, time)}
            )
        )
    if second is None:
        raise AmbiguousTimeError(
            _(
                "On %(day)s, clocks in %(zone)s go back from %(before)s to %(after)s, so %(time)s "
                "occurs twice."
            )
            % (change.in_words() | {"time": f"{time:%H:%M}"}),
            (
                _("The first %(time)s") % {"time": _time_with_offset(first, tz)},
                _("The second %(time)s") % {"time": _time_with_offset(last, tz)},
            ),
        )
    return last if second else first


def utc_to_local(at: datetime, zone: str) -> str:
    """Return the local time of an instant, such as "2026-12-15T10:00"; seconds only if not 0."""
    return _format_local(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))


def normalize_local(local: str) -> str:
    """Return a local time in any notation of ISO 8601 as `utc_to_local` writes it.

    Raises:
        InvalidLocalTimeError: if the text is no time.
    """
    return _format_local(_parse_local(local))


def is_possible_offset(local: str, at: datetime) -> bool:
    """Return whether the clocks of any zone can show the local time at that instant.

    Raises:
        InvalidLocalTimeError: if the text is no time.
    """
    utc = at.astimezone(UTC).replace(tzinfo=None)
    return abs(_parse_local(local) - utc) <= MAX_UTC_OFFSET


def readings(local: str, zone: str) -> tuple[datetime, ...]:
    """Return the instants that a local time may mean: two if it comes twice, otherwise one.

    A time that a clock change skips is read with the offset from before the change.

    Raises:
        InvalidLocalTimeError: if the text is no time, or there is no such zone.
    """
    if zone not in zone_names():
        raise UnknownZoneError(_("Enter a time zone such as Europe/Berlin."))
    time = _parse_local(local)
    try:
        first, last = (
            time.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)
        )
    except OverflowError:
        raise InvalidLocalTimeError(_("Enter a valid date and time.")) from None
    return (first, last) if first < last else (first,)


def other_reading(local: str, at: datetime, zone: str) -> datetime | None:
    """Return the instant of the local time in the zone, or None if `at` is one of those.

    Raises:
        InvalidLocalTimeError: if the text is no time, or there is no such zone.
    """
    possible = readings(local, zone)
    return None if at in possible else possible[0]


def _format_local(time: datetime) -> str:
    return time.isoformat(timespec="seconds" if time.second else "minutes")


def _parse_local(local: str) -> datetime:
    try:
        time = datetime.fromisoformat(local)
    except ValueError:
        raise InvalidLocalTimeError(_("Enter a valid date and time.")) from None
    if time.tzinfo is not None or "T" not in local:
        raise InvalidLocalTimeError(_("Enter a valid date and time."))
    return time.replace(microsecond=0)


def _find_change(before: datetime, after: datetime, tz: ZoneInfo) -> ClockChange:
    """Return the clock change in (before, after], found by bisection."""
    old = before.astimezone(tz).utcoffset()
    while after - before > SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(tz).utcoffset() == old:
            before = middle
        else:
            after = middle
    old_time, new_time = (at.astimezone(tz).replace(tzinfo=None) for at in (before, after))
    return ClockChange(str(tz), old_time + SECOND, new_time)


def _time_with_offset(at: datetime, tz: ZoneInfo) -> str:
    """Format as "02:30 CEST (UTC+02:00)"."""
    time = at.astimezone(tz)
    offset = f"{time:%z}"
    name = "" if time.tzname() in (None, offset, offset[:3]) else f" {time.tzname()}"
    return f"{time:%H:%M}{name} (UTC{offset[:3]}:{offset[3:5]})"


def _time_and_day(at: datetime, other: datetime) -> str:
    """The time, with its day if it is not on the day of the other."""
    return f"{at:%H:%M}" if at.date() == other.date() else date_format(at, "DATETIME_FORMAT")
