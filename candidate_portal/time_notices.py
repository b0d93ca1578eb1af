"""What the candidate is told of their time: that it was changed, by whom, and what it is now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from interviews.dynamodb import now
from interviews.indexes import TimelineEvent
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview

# For so long it stands on the page, unless it is dismissed there.
SHOWN_FOR = timedelta(minutes=10)
MAX_NOTICES = 3

EXTENDED, CREDITED, REOPENED = "extended", "credited", "reopened"


@dataclass(frozen=True)
class TimeNotice:
    """One change in words. Numbers grow, so that a page knows which it has said."""

    number: int
    words: str


def time_notices_of(interview: Interview, noun: str) -> tuple[TimeNotice, ...]:
    """The changes of late, and the last one for as long as no page has shown it; oldest first."""
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        return ()
    found: list[tuple[datetime, TimeNotice]] = []
    for number, moment in enumerate(interview.timeline):
        what = str(moment.what or "")
        if what == REOPENED:
            # What was before is about a time that is over.
            found = []
        if what in WORDS:
            found.append((moment.at, TimeNotice(number, WORDS[what](moment, noun))))
    since = now() - SHOWN_FOR
    late = [news for at, news in found if at > since]
    if not late and found and not has_seen_last_change(interview):
        late = [found[-1][1]]
    return tuple(late[-MAX_NOTICES:])


def has_seen_last_change(interview: Interview) -> bool:
    """Has a page of the candidate shown the last change?"""
    return int(interview.time_changes_seen or 0) >= int(interview.time_changes or 0)


def format_length(length: timedelta) -> str:
    """ "1 hour 30 minutes", "2 minutes 5 seconds", "40 seconds"."""
    minutes, seconds = divmod(max(int(length.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    words = [
        f"{number} {unit}{'' if number == 1 else 's'}"
        for number, unit in ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
        if number
    ]
    return " ".join(words)


def _extended(moment: TimelineEvent, noun: str) -> str:
    seconds = int(moment.seconds or 0)
    words = format_length(timedelta(seconds=abs(seconds)))
    if seconds < 0:
        return f"The people who invited you made your {noun} {words} shorter."
    return f"The people who invited you gave you {words} more."


def _credited(moment: TimelineEvent, noun: str) -> str:
    words = format_length(timedelta(seconds=int(moment.seconds or 0)))
    return f"Your workspace did not answer for {words}: you were given that time back."


def _reopened(moment: TimelineEvent, noun: str) -> str:
    words = format_length(timedelta(seconds=int(moment.seconds or 0)))
    return (
        f"The people who invited you opened your {noun} again for {words}, "
        "on the files that were saved."
    )


WORDS: dict[str, Callable[[TimelineEvent, str], str]] = {
    EXTENDED: _extended,
    CREDITED: _credited,
    REOPENED: _reopened,
}
