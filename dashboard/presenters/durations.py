"""Durations in the short forms that staff read: "1 h 30 min", "1 min 35 s", "4.3 s".

The long forms for candidates and e-mails are in `interviews.durations`. Scripts have a `minutes`
of their own in invitation_form.js.
"""

import math
from datetime import timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _


def minutes(count: int) -> str:
    """Whole minutes: 45 -> "45 min", 90 -> "1 h 30 min"; "" for none."""
    hours, rest = divmod(count, 60)
    return " ".join(part for part in (hours and f"{hours} h", rest and f"{rest} min") if part)


def percent(count: int) -> str:
    """A share, as the reader's language writes it: "25%", in German "25 %" with a narrow space."""
    return _("%(n)s%%") % {"n": count}


def minutes_rounded(length: timedelta) -> str:
    """The nearest minute; below one minute, seconds: "40 s", "1 h 12 min"."""
    if length < timedelta(minutes=1):
        return f"{int(length.total_seconds())} s"
    return minutes(round(length.total_seconds() / 60))


def minutes_rounded_up(length: timedelta) -> str:
    """A started minute counts as one; below one minute, seconds: "40 s", "1 h 13 min"."""
    seconds = int(length.total_seconds())
    return minutes(-(-seconds // 60)) if seconds >= 60 else f"{seconds} s"


def exact(length: timedelta) -> str:
    """To the second below an hour, then to the minute: "2 min 5 s", "1 h 30 min"."""
    whole = int(length.total_seconds())
    if whole < 60:
        return f"{whole} s"
    if whole >= 3600:
        return minutes(round(length.total_seconds() / 60))
    return _minutes_and_seconds(whole)


def seconds(count: float) -> str:
    """The nearest second: 12.3 -> "12 s", 95 -> "1 min 35 s", 60 -> "1 min 0 s"."""
    full, rest = divmod(round(count), 60)
    return f"{full} min {rest} s" if full else f"{rest} s"


def step(count: float) -> str:
    """How many seconds a step took, at least 0.1: 3.4 -> "3.4 s", 75.2 -> "1 min 15 s"."""
    if count < 59.95:
        return f"{_tenths(max(count, 0.1))} s"
    return _minutes_and_seconds(round(count))


def measured(count: float) -> str:
    """About two significant figures of seconds: 4.25 -> "4.3 s", 95 -> "1 min 35 s",
    4000 -> "1 h 7 min"."""
    if count < 9.95:
        return f"{_tenths(_half_up(count * 10) / 10)} s"
    whole = _half_up(count)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _minutes_and_seconds(whole)
    hours, rest = divmod(_half_up(count / 60), 60)
    return f"{hours} h {rest} min"


def _half_up(number: float) -> int:
    return math.floor(number + 0.5)


def _tenths(number: float) -> str:
    """With one decimal, in the reader's language: "4.3", in German "4,3"."""
    return number_format(round(number, 1), 1)


def _minutes_and_seconds(whole: int) -> str:
    full, rest = divmod(whole, 60)
    return f"{full} min {rest} s" if rest else f"{full} min"
