"""Confirmation dialogs for actions on an interview, worded for its type and status."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.presenters.deletion import deleted_parts
from interviews.attributes import DRY_RUN, LIVE
from interviews.lifecycle import FINAL, PROVISIONING, EndReason, Status
from interviews.models import Interview
from interviews.status_labels import status_label
from operations import actions, retention
from operations.candidate_data.selection import inventory_of

CANCEL = gettext_lazy("Cancel")


@dataclass(frozen=True)
class Confirmation:
    """A dialog with two buttons: `confirm_label` runs the action, `cancel_label` closes the dialog.

    `done_message` is announced afterwards. `asks_to_withdraw`: the dialog asks whether the
    candidate may come back, and runs `REVOKE` instead if not.
    """

    title: str
    text: str
    confirm_label: str
    done_message: str
    cancel_label: Any = CANCEL
    asks_to_withdraw: bool = False


@dataclass(frozen=True)
class ConfirmedAction:
    """An action that staff confirm first.

    `run` takes the interview and the actor, and `notify` if the dialog asks whether to write to
    those who were written to before. `deletes` says in words what there is to delete.
    """

    verb: str
    tone: str
    confirmation: Callable[[Interview], Confirmation]
    run: Callable[..., object]
    notifies: bool = False
    deletes: Callable[[Interview], list[str]] | None = None


def _by_type(interview: Interview, test: str, live: str, dry_run: str) -> str:
    """The sentence for the type of the interview: languages inflect around the noun."""
    return {LIVE: live, DRY_RUN: dry_run}.get(interview.type, test)


# -- stopping -------------------------------------------------------------------------------------


def _confirm_end(interview: Interview) -> Confirmation:
    may_withdraw = interview.is_take_home and interview.state is Status.ACTIVE
    return Confirmation(
        _by_type(
            interview,
            _("Stop this test now?"),
            _("Stop this interview now?"),
            _("Stop this dry run?"),
        ),
        _already_over(interview) or _what_is_saved(interview),
        _by_type(interview, _("Stop now"), _("Stop now"), _("Stop")),
        _by_type(
            interview,
            _("The test is being stopped."),
            _("The interview is being stopped."),
            _("The dry run is being stopped."),
        ),
        asks_to_withdraw=may_withdraw,
    )


def _what_is_saved(interview: Interview) -> str:
    if interview.is_dry_run:
        return _("The workspace is closed. Its files aren't saved.")
    if not interview.save_files:
        return _("The workspace is closed with everything in it. Its files aren't saved.")
    if interview.type == LIVE:
        return _("The files are saved, then the workspace is closed. You can reopen it later.")
    return _("The files are saved, then the workspace is closed.")


def _confirm_end_without_saving(interview: Interview) -> Confirmation:
    return Confirmation(
        _("Stop without saving?"),
        _already_over(interview)
        or _(
            "Saving the files keeps failing. If you stop without saving, everything the candidate "
            "wrote is lost. This can't be undone."
        ),
        _("Discard files and stop"),
        _("The workspace is being closed."),
    )


# -- withdrawing and cancelling -------------------------------------------------------------------


def _confirm_revoke(interview: Interview) -> Confirmation:
    if interview.is_dry_run:
        return _confirm_stop_of_dry_run(interview)
    if interview.type == LIVE and interview.state is not Status.ACTIVE:
        return _confirm_cancel(interview)
    is_invitation = interview.state is Status.AVAILABLE
    return Confirmation(
        _by_type(
            interview,
            _("Withdraw this invitation?") if is_invitation else _("Withdraw this test?"),
            _("Withdraw this interview?"),
            "",
        ),
        _withdraw_text(interview),
        _("Withdraw"),
        _by_type(
            interview,
            _("The invitation was withdrawn.")
            if is_invitation
            else _("The test is being withdrawn."),
            _("The interview is being withdrawn."),
            "",
        ),
    )


def _withdraw_text(interview: Interview) -> str:
    if interview.state is Status.AVAILABLE:
        return _("The test can no longer be started, and the candidate's link says so.")
    if interview.state in PROVISIONING:
        return _(
            "The candidate has pressed Start test. The start is stopped, and they can't start "
            "again."
        )
    if interview.state is Status.ACTIVE:
        return " ".join(
            (
                _what_is_saved(interview) if interview.is_take_home else _closing(interview),
                _("The candidate loses access right away and can't come back."),
            )
        )
    if interview.state is Status.ERROR:
        return _(
            "The workspace couldn't be started. What's left of it is removed, and the candidate "
            "can't try again."
        )
    return _already_over(interview) or _("It's already ending, so it can't be withdrawn.")


def _closing(interview: Interview) -> str:
    if interview.save_files:
        return _("The files are saved, then the workspace is closed.")
    return _what_is_saved(interview)


def _confirm_cancel(interview: Interview) -> Confirmation:
    return Confirmation(
        _("Cancel this interview?"),
        _cancel_text(interview),
        _("Cancel interview"),
        _("The interview is being cancelled."),
        cancel_label=_("Keep interview"),
    )


def _cancel_text(interview: Interview) -> str:
    if interview.state is Status.SCHEDULED:
        return _("No workspace is started, and the candidate's page says it was cancelled.")
    if interview.state in PROVISIONING:
        return _(
            "The workspace is being started. That's stopped, and the candidate's page says the "
            "interview was cancelled."
        )
    if interview.state is Status.ERROR:
        return _(
            "The workspace couldn't be started. What's left of it is removed, and the candidate's "
            "page says the interview was cancelled."
        )
    return _already_over(interview) or _("It's already ending, so it can't be cancelled.")


def _confirm_stop_of_dry_run(interview: Interview) -> Confirmation:
    text = _("The start is stopped, and what's left of the workspace is removed.")
    if interview.state is Status.ACTIVE:
        text = _what_is_saved(interview)
    elif interview.state in FINAL or interview.state is Status.DESTROYING:
        text = _already_over(interview) or _("It's already ending.")
    return Confirmation(
        _("Stop this dry run?"),
        text,
        _("Stop"),
        _("The dry run is being stopped."),
    )


# -- the others -----------------------------------------------------------------------------------


def _confirm_retry(interview: Interview) -> Confirmation:
    text = _by_type(
        interview,
        _("A new workspace is started. The candidate gets the full time."),
        _("A new workspace is started. The candidate gets the full time."),
        _("A new workspace is started."),
    )
    return Confirmation(
        _("Try again?"),
        _already_over(interview) or text,
        _("Try again"),
        _("Trying again."),
    )


def _confirm_move_up(interview: Interview) -> Confirmation:
    return Confirmation(
        _("Move to the front of the line?"),
        _already_over(interview)
        or _("It gets the next free workspace, before everyone else in line. They wait longer."),
        _("Move to front"),
        _("Moved to the front of the line."),
    )


def _confirm_delete(interview: Interview) -> Confirmation:
    if interview.is_dry_run:
        text = _("Its activity log is deleted too. This can't be undone.")
    elif interview.history_s3_key or interview.earlier_archives:
        text = _(
            "Everything about it is deleted: name, files, reviews, progress and log. The "
            "candidate's link will stop working. This can't be undone."
        )
    else:
        text = _(
            "Everything about it is deleted: name and log. The candidate's link will stop working. "
            "This can't be undone."
        )
    return Confirmation(
        _by_type(
            interview,
            _("Delete this test permanently?"),
            _("Delete this interview permanently?"),
            _("Delete this dry run permanently?"),
        ),
        text,
        _("Delete permanently"),
        _by_type(
            interview,
            _("The test was deleted."),
            _("The interview was deleted."),
            _("The dry run was deleted."),
        ),
    )


def _deletes(interview: Interview) -> list[str]:
    return [] if interview.is_dry_run else deleted_parts(inventory_of(interview))


def _already_over(interview: Interview) -> str:
    if interview.state not in FINAL:
        return ""
    status = status_label(interview.state)
    return _("There's nothing left to do. Status: %(status)s.") % {"status": status}


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
MOVE_UP = ConfirmedAction(
    verb="move-up",
    tone="primary",
    confirmation=_confirm_move_up,
    run=lambda interview, by: actions.move_to_front(interview, by=by),
)
DELETE = ConfirmedAction(
    verb="delete",
    tone="danger",
    confirmation=_confirm_delete,
    run=lambda interview, by: retention.delete_interview(interview, by=by),
    deletes=_deletes,
)
