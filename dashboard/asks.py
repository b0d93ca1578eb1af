"""What staff is asked before something is done to a test: in words that fit its state."""

from collections.abc import Callable
from dataclasses import dataclass

from interviews.lifecycle import FINAL, PROVISIONING, EndReason, Status
from interviews.models import Interview
from operations import actions


@dataclass(frozen=True)
class Ask:
    """A question with one button, and what the button does. `done` is said once it was pressed."""

    verb: str
    title: str
    label: str
    tone: str
    text: Callable[[Interview], str]
    do: Callable[[Interview, str], object]
    done: str


SAVED_FIRST = "The candidate's files are saved first, then the workspace is destroyed."
LOSES_ACCESS = f"{SAVED_FIRST} The candidate loses access at once and cannot start again."


def _revoking(interview: Interview) -> str:
    if interview.state is Status.AVAILABLE:
        return "The invitation is withdrawn: the link says so and can no longer be started."
    if interview.state in PROVISIONING:
        return (
            "The candidate has pressed Start test. Provisioning is stopped, and what was made of "
            "the workspace is torn down; the candidate cannot start again."
        )
    if interview.state is Status.ACTIVE:
        return f"The test is running. {LOSES_ACCESS}"
    if interview.state is Status.ERROR:
        return (
            "The test could not be started. What is left of the workspace is torn down, and the "
            "candidate cannot try again."
        )
    if interview.state is Status.DESTROYING:
        return "The test is ending already: this changes nothing about it."
    return _over(interview)


def _ending(interview: Interview) -> str:
    if interview.state in FINAL:
        return _over(interview)
    return f"The test ends now, before its time is up. {SAVED_FIRST}"


def _giving_up(interview: Interview) -> str:
    if interview.state in FINAL:
        return _over(interview)
    return (
        "Saving the files keeps failing. Without saving, the workspace is destroyed with "
        "everything the candidate wrote. This cannot be undone."
    )


def _retrying(interview: Interview) -> str:
    if interview.state in FINAL:
        return _over(interview)
    return "A workspace is provisioned once more. The candidate gets the whole duration."


def _over(interview: Interview) -> str:
    return f"This test is {interview.state.badge.lower()}: there is nothing left to do."


REVOKE = Ask(
    verb="revoke",
    title="Revoke this test?",
    label="Revoke",
    tone="danger",
    text=_revoking,
    do=lambda interview, by: actions.revoke(interview, by=by),
    done="The test is being revoked.",
)
END = Ask(
    verb="end",
    title="End this test now?",
    label="Save files and end",
    tone="primary",
    text=_ending,
    do=lambda interview, by: actions.end(interview, by=by, reason=EndReason.ENDED_BY_STAFF),
    done="The test is ending.",
)
END_WITHOUT_SAVING = Ask(
    verb="end-without-saving",
    title="End without saving?",
    label="Destroy unsaved work",
    tone="danger",
    text=_giving_up,
    do=lambda interview, by: actions.end(
        interview, by=by, reason=EndReason.ENDED_BY_STAFF, save=False
    ),
    done="The workspace is being destroyed.",
)
RETRY = Ask(
    verb="retry",
    title="Try again?",
    label="Try again",
    tone="primary",
    text=_retrying,
    do=lambda interview, by: actions.retry(interview, by=by),
    done="Trying again.",
)
