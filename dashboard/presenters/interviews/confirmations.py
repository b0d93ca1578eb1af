"""Confirmation dialogs for actions on an interview, worded for its status."""

from collections.abc import Callable
from dataclasses import dataclass

from interviews.attributes import DRY_RUN, LIVE
from interviews.lifecycle import FINAL, PROVISIONING, EndReason, Status
from interviews.models import Interview
from interviews.status_labels import status_label
from operations import actions, retention


@dataclass(frozen=True)
class Confirmation:
    """A dialog with two buttons: `confirm_label` runs the action, `cancel_label` closes the dialog.

    `done_message` is announced afterwards.
    """

    title: str
    text: str
    confirm_label: str
    done_message: str
    cancel_label: str = "Cancel"


@dataclass(frozen=True)
class ConfirmedAction:
    """An action that staff confirm first.

    `run` takes the interview and the actor, and `notify` if the dialog asks whether to write to
    those who were written to before.
    """

    verb: str
    tone: str
    confirmation: Callable[[Interview], Confirmation]
    run: Callable[..., object]
    notifies: bool = False


NOUNS = {LIVE: "interview", DRY_RUN: "dry run"}

SAVED_FIRST = "The candidate's files are saved first, then the workspace is destroyed."
NOT_SAVED = "No files are saved: the workspace is destroyed with everything in it."


def noun_of(interview: Interview) -> str:
    return NOUNS.get(interview.type, "test")


def _confirm_revoke(interview: Interview) -> Confirmation:
    noun = noun_of(interview)
    if interview.type != LIVE or interview.state is Status.ACTIVE:
        text = _revoke_text(interview)
        return Confirmation(f"Revoke this {noun}?", text, "Revoke", f"The {noun} is being revoked.")
    return Confirmation(
        "Cancel this interview?",
        _cancel_text(interview),
        "Cancel the interview",
        "The interview is being cancelled.",
        cancel_label="Keep it",
    )


def _revoke_text(interview: Interview) -> str:
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
    return _ending_or_over(interview, "revoked")


def _cancel_text(interview: Interview) -> str:
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
    return _ending_or_over(interview, "cancelled")


def _confirm_end(interview: Interview) -> Confirmation:
    noun = noun_of(interview)
    text = f"The {noun} ends now, before its time is up. {_files(interview)}"
    return Confirmation(
        f"End this {noun} now?",
        _already_over(interview) or text,
        "Save files and end" if interview.save_files else "End without files",
        f"The {noun} is ending.",
    )


def _confirm_end_without_saving(interview: Interview) -> Confirmation:
    return Confirmation(
        "End without saving?",
        _already_over(interview)
        or (
            "Saving the files keeps failing. Without saving, the workspace is destroyed with "
            "everything the candidate wrote. This cannot be undone."
        ),
        "Destroy unsaved work",
        "The workspace is being destroyed.",
    )


def _confirm_retry(interview: Interview) -> Confirmation:
    text = "A workspace is provisioned once more. The candidate gets the whole duration."
    return Confirmation(
        "Try again?", _already_over(interview) or text, "Try again", "Trying again."
    )


def _files(interview: Interview) -> str:
    return SAVED_FIRST if interview.save_files else NOT_SAVED


def _ending_or_over(interview: Interview, participle: str) -> str:
    noun = noun_of(interview)
    return (
        _already_over(interview) or f"The {noun} is ending already, so it cannot be {participle}."
    )


def _already_over(interview: Interview) -> str:
    if interview.state not in FINAL:
        return ""
    state = status_label(interview.state).lower()
    return f"This {noun_of(interview)} is {state}: there is nothing left to do."


def _confirm_delete(interview: Interview) -> Confirmation:
    noun = noun_of(interview)
    saved = "the saved files, " if interview.history_s3_key or interview.earlier_archives else ""
    return Confirmation(
        f"Delete this {noun} for good?",
        f"All that is known of it is deleted: {saved}the log, and its line in the history. "
        "The candidate's link will be unknown. This cannot be undone.",
        "Delete for good",
        f"The {noun} was deleted.",
        cancel_label="Keep it",
    )


REVOKE = ConfirmedAction(
    verb="revoke",
    tone="danger",
    confirmation=_confirm_revoke,
    run=lambda interview, by, notify: actions.revoke(interview, by=by, notify=notify),
    notifies=True,
)
END = ConfirmedAction(
    verb="end",
    tone="primary",
    confirmation=_confirm_end,
    run=lambda interview, by: actions.end(interview, by=by, reason=EndReason.ENDED_BY_STAFF),
)
END_WITHOUT_SAVING = ConfirmedAction(
    verb="end-without-saving",
    tone="danger",
    confirmation=_confirm_end_without_saving,
    run=lambda interview, by: actions.end(
        interview, by=by, reason=EndReason.ENDED_BY_STAFF, save=False
    ),
)
RETRY = ConfirmedAction(
    verb="retry",
    tone="primary",
    confirmation=_confirm_retry,
    run=lambda interview, by: actions.retry(interview, by=by),
)
DELETE = ConfirmedAction(
    verb="delete",
    tone="danger",
    confirmation=_confirm_delete,
    run=lambda interview, by: retention.delete_interview(interview, by=by),
)
