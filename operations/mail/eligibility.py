"""Whether there is anything left to write to a candidate about."""

from interviews.lifecycle import FINAL, Status
from interviews.models import Interview


def reason_not_to_send(interview: Interview) -> str:
    """Why nothing is sent to this candidate any more, in a sentence; "": it may be."""
    if interview.is_dry_run or interview.passcode is None:
        return "It has no candidate."
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        kind = "test" if interview.is_take_home else "interview"
        return f"This {kind} is {interview.state.badge.lower()}: there is nothing to write about."
    return ""
