"""Durations in the long forms that candidates read, on their page and in e-mails."""

import math
from datetime import timedelta


def in_words(length: timedelta) -> str:
    """To the second: "1 hour 30 minutes", "2 minutes 5 seconds"; "" for none."""
    minutes, seconds = divmod(max(int(length.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    units = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
    return " ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in units if n)


def in_whole_minutes(length: timedelta) -> str:
    """Rounded up to whole minutes: "1 hour 30 minutes"."""
    return in_words(timedelta(minutes=math.ceil(int(length.total_seconds()) / 60)))


def estimate(wait: timedelta) -> str:
    """Rounded up, to 5 seconds or to minutes: a wait may turn out shorter, but not longer."""
    seconds = max(5, 5 * math.ceil(wait.total_seconds() / 5))
    if seconds < 60:
        return f"about {seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return f"about {minutes} minutes" if minutes > 1 else "about a minute"
