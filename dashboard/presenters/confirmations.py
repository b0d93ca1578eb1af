"""What staff is asked before something is done to an interview: in words that fit its state."""

from collections.abc import Callable
from dataclasses import dataclass

from interviews.lifecycle import FINAL, PROVISIONING, EndReason, Status
from interviews.models import DRY_RUN, LIVE, Interview
from operations import actions, retention


@dataclass(frozen=True)
class Confirmation:
    """A question with two buttons: `label` does it, `keep` does not. `done` is said afterwards."""

    title: str
    text: str
    label: str
    done: str
    keep: str = "Cancel"


@dataclass(frozen=True)
class ConfirmedAction:
    """What can be asked for, and what the button does. `what`: how the audit trail calls it."""

    verb: str
    what: str
    tone: str
    words: Callable[[Interview], Confirmation]
    do: Callable[[Interview, str], object]


NOUNS = {LIVE: "interview", DRY_RUN: "dry run"}

SAVED_FIRST = "The candidate's files are saved first, then the workspace is destroyed."
NOT_SAVED = "No files are saved: the workspace is destroyed with everything in it."


def noun_of(interview: Interview) -> str:
    return NOUNS.get(interview.type, "test")


def _revoking(interview: Interview) -> Confirmation:
    noun = noun_of(interview)
    if interview.type != LIVE or interview.state is Status.ACTIVE:
        text = _revoking_text(interview)
        return Confirmation(f"Revoke this {noun}?", text, "Revoke", f"The {noun} is being revoked.")
    return Confirmation(
        "Cancel this interview?",
        _cancelling_text(interview),
        "Cancel the interview",
        "The interview is being cancelled.",
        keep="Keep it",
    )


def _revoking_text(interview: Interview) -> str:
    if interview.state is Status.AVAILABLE:
        return "The invitation is withdrawn: the link says so and can no longer be started."
    if interview.state in PROVISIONING:
        return (
            "The candidate has pressed Start test. Provisioning is stopped, and what was made of "
            "the workspace is torn down; the candidate cannot start again."
        )
    if interview.state is Status.ACTIVE:
        return (
            f"The {noun_of(interview)} is running. {_files(interview)} The candidate loses access "
            "at once and cannot start again."
        )
    if interview.state is Status.ERROR:
        return (
            "The test could not be started. What is left of the workspace is torn down, and the "
            "candidate cannot try again."
        )
    return _ending_or_over(interview)


def _cancelling_text(interview: Interview) -> str:
    if interview.state is Status.SCHEDULED:
        return "No workspace will be made, and the candidate's page says that it was called off."
    if interview.state in PROVISIONING:
        return (
            "The workspace is being made. That is stopped, and what there is of it is torn down; "
            "the candidate's page says that the interview was called off."
        )
    if interview.state is Status.ERROR:
        return (
            "The workspace could not be started. What is left of it is torn down, and the "
            "candidate's page says that the interview was called off."
        )
    return _ending_or_over(interview)


def _ending(interview: Interview) -> Confirmation:
    noun = noun_of(interview)
    text = f"The {noun} ends now, before its time is up. {_files(interview)}"
    return Confirmation(
        f"End this {noun} now?",
        _over(interview) or text,
        "Save files and end" if interview.save_files else "End without files",
        f"The {noun} is ending.",
    )


def _giving_up(interview: Interview) -> Confirmation:
    return Confirmation(
        "End without saving?",
        _over(interview)
        or (
            "Saving the files keeps failing. Without saving, the workspace is destroyed with "
            "everything the candidate wrote. This cannot be undone."
        ),
        "Destroy unsaved work",
        "The workspace is being destroyed.",
    )


def _retrying(interview: Interview) -> Confirmation:
    text = "A workspace is provisioned once more. The candidate gets the whole duration."
    return Confirmation("Try again?", _over(interview) or text, "Try again", "Trying again.")


def _files(interview: Interview) -> str:
    return SAVED_FIRST if interview.save_files else NOT_SAVED


def _ending_or_over(interview: Interview) -> str:
    noun = noun_of(interview)
    return _over(interview) or f"The {noun} is ending already: this changes nothing about it."


def _over(interview: Interview) -> str:
    if interview.state not in FINAL:
        return ""
    state = interview.state.badge.lower()
    return f"This {noun_of(interview)} is {state}: there is nothing left to do."


def _deleting(interview: Interview) -> Confirmation:
    noun = noun_of(interview)
    saved = "the saved files, " if interview.history_s3_key or interview.earlier_archives else ""
    return Confirmation(
        f"Delete this {noun} for good?",
        f"All that is known of it is deleted: {saved}the log, and its line in the history. "
        "The candidate's link will be unknown. This cannot be undone.",
        "Delete for good",
        f"The {noun} was deleted.",
        keep="Keep it",
    )


REVOKE = ConfirmedAction(
    verb="revoke",
    what="revoked",
    tone="danger",
    words=_revoking,
    do=lambda interview, by: actions.revoke(interview, by=by),
)
END = ConfirmedAction(
    verb="end",
    what="ended",
    tone="primary",
    words=_ending,
    do=lambda interview, by: actions.end(interview, by=by, reason=EndReason.ENDED_BY_STAFF),
)
END_WITHOUT_SAVING = ConfirmedAction(
    verb="end-without-saving",
    what="ended_without_saving",
    tone="danger",
    words=_giving_up,
    do=lambda interview, by: actions.end(
        interview, by=by, reason=EndReason.ENDED_BY_STAFF, save=False
    ),
)
RETRY = ConfirmedAction(
    verb="retry",
    what="retried",
    tone="primary",
    words=_retrying,
    do=lambda interview, by: actions.retry(interview, by=by),
)
DELETE = ConfirmedAction(
    verb="delete",
    what="deleted",
    tone="danger",
    words=_deleting,
    do=lambda interview, by: retention.delete_interview(interview, by=by),
)
