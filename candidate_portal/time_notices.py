"""What the candidate is told of their time: that it was changed, by whom, and what it is now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from interviews import durations
from interviews.dynamodb import now
from interviews.indexes import Moment
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview

# For so long it stands on the page, unless it is dismissed there.
SHOWN_FOR = timedelta(minutes=10)
MOST = 3

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
    if not late and found and not is_seen(interview):
        late = [found[-1][1]]
    return tuple(late[-MOST:])


def is_seen(interview: Interview) -> bool:
    """Has a page of the candidate shown the last change?"""
    return int(interview.time_changes_seen or 0) >= int(interview.time_changes or 0)


def _extended(moment: Moment, noun: str) -> str:
    seconds = int(moment.seconds or 0)
    words = durations.in_words(timedelta(seconds=abs(seconds)))
    if seconds < 0:
        return f"The people who invited you made your {noun} {words} shorter."
    return f"The people who invited you gave you {words} more."


def _credited(moment: Moment, noun: str) -> str:
    words = durations.in_words(timedelta(seconds=int(moment.seconds or 0)))
    return f"Your workspace did not answer for {words}: you were given that time back."


def _reopened(moment: Moment, noun: str) -> str:
    words = durations.in_words(timedelta(seconds=int(moment.seconds or 0)))
    return (
        f"The people who invited you opened your {noun} again for {words}, "
        "on the files that were saved."
    )


WORDS: dict[str, Callable[[Moment, str], str]] = {
    EXTENDED: _extended,
    CREDITED: _credited,
    REOPENED: _reopened,
}
