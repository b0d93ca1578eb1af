"""Durations in the long forms that candidates read, on their page and in emails."""

import math
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def in_words(length: timedelta) -> str:
    """To the second: "1 hour 30 minutes", "2 minutes 5 seconds"; "" for none."""
    minutes, seconds = divmod(max(int(length.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    units = (
        (hours, ngettext("%(n)s hour", "%(n)s hours", hours)),
        (minutes, ngettext("%(n)s minute", "%(n)s minutes", minutes)),
        (seconds, ngettext("%(n)s second", "%(n)s seconds", seconds)),
    )
    return " ".join(text % {"n": n} for n, text in units if n)


def in_whole_minutes(length: timedelta) -> str:
    """Rounded up to whole minutes: "1 hour 30 minutes"."""
    return in_words(timedelta(minutes=math.ceil(int(length.total_seconds()) / 60)))


def shown_minutes(wait: timedelta) -> int:
    """A wait in minutes, rounded up as pages show it, so that it seldom changes: from 15 minutes on
    to 5 minutes, and from two hours on to hours."""
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    step = 1 if minutes <= 15 else 5 if minutes <= 120 else 60
    return step * math.ceil(minutes / step)


def estimate_minutes(wait: timedelta) -> str:
    """The shown minutes of a wait, from two hours on in hours: "about 4 minutes"."""
    minutes = shown_minutes(wait)
    if minutes < 120:
        text = ngettext("about a minute", "about %(minutes)s minutes", minutes)
        return text % {"minutes": minutes}
    return _("about %(hours)s hours") % {"hours": minutes // 60}


def estimate(wait: timedelta) -> str:
    """Rounded up, to 5 seconds or to minutes: a wait may turn out shorter, but not longer."""
    seconds = max(5, 5 * math.ceil(wait.total_seconds() / 5))
    if seconds < 60:
        return _("about %(seconds)s seconds") % {"seconds": seconds}
    minutes = math.ceil(seconds / 60)
    text = ngettext("about a minute", "about %(minutes)s minutes", minutes)
    return text % {"minutes": minutes}
