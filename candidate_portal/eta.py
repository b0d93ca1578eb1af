"""How long a candidate will wait for the workspace, in plain words."""

import math
from datetime import timedelta

from interviews.lifecycle import PROVISIONING
from interviews.models import Interview
from operations.start_times import statistics


def usual_wait(interview: Interview) -> str:
    """As in "about 20 seconds", while it is prepared; "" where nobody can tell yet."""
    if interview.state not in PROVISIONING or not interview.provisioner:
        return ""
    usual = statistics.usually(interview.provisioner)
    return in_words(usual) if usual is not None else ""


def in_words(wait: timedelta) -> str:
    """Rounded up, to five seconds and from a minute on to minutes: nobody minds a shorter wait."""
    seconds = max(5, 5 * math.ceil(wait.total_seconds() / 5))
    if seconds < 60:
        return f"about {seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return f"about {minutes} minutes" if minutes > 1 else "about a minute"
