"""The instant of a time that somebody read off a clock on a wall, in a zone they named."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

SECOND = timedelta(seconds=1)


class InvalidLocalTimeError(ValueError):
    """No one instant is meant; the text is a sentence for the person who typed it."""


class UnknownZoneError(InvalidLocalTimeError):
    """There is no such zone."""


class AmbiguousTimeError(InvalidLocalTimeError):
    """The clocks are put back, and show this time twice: `options` tells the two apart."""

    def __init__(self, sentence: str, options: tuple[str, str]) -> None:
        super().__init__(sentence)
        self.options = options


@dataclass(frozen=True)
class ClockChange:
    """The clocks of a zone jump from one time to another."""

    zone: str
    from_: datetime
    to: datetime

    def __str__(self) -> str:
        day = f"{self.from_.day} {self.from_:%B %Y}"
        to = f"{self.to:%H:%M}"
        if self.to.date() != self.from_.date():
            to += f" on {self.to.day} {self.to:%B}"
        back = "back " if self.to < self.from_ else ""
        return f"On {day} the clocks in {self.zone} go {back}from {self.from_:%H:%M} to {to}"


@cache
def zone_names() -> tuple[str, ...]:
    """The names of all zones, as people and browsers use them: "Europe/Berlin"."""
    return tuple(sorted(available_timezones() - {"Factory", "localtime"}))


def find_zone(text: str) -> str | None:
    """The zone that somebody means: "europe/berlin", or its city alone. None: there is none."""
    wanted = text.strip().replace(" ", "_").casefold()
    if not wanted:
        return None
    found = [zone for zone in zone_names() if zone.casefold() == wanted]
    found = found or [zone for zone in zone_names() if zone.casefold().endswith(f"/{wanted}")]
    return found[0] if found else None


def local_to_utc(local: str, zone: str, second: bool | None = None) -> datetime:
    """The instant (UTC) of a wall-clock time "2026-03-29T02:30" in a zone.

    `second` chooses where the clocks show that time twice. Raises UnknownZoneError;
    AmbiguousTimeError without a choice; NonexistentTimeError for what is no time, or one that a
    clock change skips.
    """
    known = find_zone(zone)
    if known is None:
        raise UnknownZoneError("There is no such time zone. It has a name such as Europe/Berlin.")
    there = ZoneInfo(known)
    time = _parse_local(local)
    try:
        first, last = (time.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first == last:
            return first
        change = _find_change(min(first, last), max(first, last), there)
    except OverflowError:
        raise InvalidLocalTimeError("This is not a date and a time.") from None
    if first > last:
        raise InvalidLocalTimeError(
            f"{change}, so {time:%H:%M} does not exist. "
            f"The next time that does is {change.to:%H:%M}{_day_suffix(change.to, time)}."
        )
    if second is None:
        raise AmbiguousTimeError(
            f"{change}, so {time:%H:%M} comes twice.",
            (
                f"The first {_time_with_offset(first, there)}",
                f"The second {_time_with_offset(last, there)}",
            ),
        )
    return last if second else first


def _parse_local(local: str) -> datetime:
    try:
        time = datetime.fromisoformat(local)
    except ValueError:
        raise InvalidLocalTimeError("This is not a date and a time.") from None
    if time.tzinfo is not None or "T" not in local:
        raise InvalidLocalTimeError("This is not a date and a time.")
    return time.replace(microsecond=0)


def _find_change(before: datetime, after: datetime, there: ZoneInfo) -> ClockChange:
    """The one change of the clocks in (before, after], found by halving."""
    old = before.astimezone(there).utcoffset()
    while after - before > SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(there).utcoffset() == old:
            before = middle
        else:
            after = middle
    shown = [at.astimezone(there).replace(tzinfo=None) for at in (before, after)]
    return ClockChange(str(there), shown[0] + SECOND, shown[1])


def _time_with_offset(at: datetime, there: ZoneInfo) -> str:
    """02:30 CEST (UTC+02:00)"""
    time = at.astimezone(there)
    offset = f"{time:%z}"
    name = "" if time.tzname() in (None, offset, offset[:3]) else f" {time.tzname()}"
    return f"{time:%H:%M}{name} (UTC{offset[:3]}:{offset[3:5]})"


def _day_suffix(to: datetime, wanted: datetime) -> str:
    return "" if to.date() == wanted.date() else f" on {to.day} {to:%B}"
