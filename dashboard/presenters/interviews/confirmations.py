"""Confirmation dialogs for actions on an interview, worded for its type and status."""

from django.utils.translation import gettext as _

from dashboard.presenters.deletion import deleted_parts
from dashboard.presenters.interviews.confirmation import (
    Confirmation,
    ConfirmedAction,
    already_over,
    by_type,
)
from dashboard.presenters.interviews.stopping import (
    confirm_end,
    confirm_end_without_saving,
    confirm_revoke,
)
from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions, retention
from operations.candidate_data.selection import inventory_of


def _confirm_retry(interview: Interview) -> Confirmation:
    text = by_type(
        interview,
        _("A new workspace is started. The candidate gets the full time."),
        _("A new workspace is started. The candidate gets the full time."),
        _("A new workspace is started."),
    )
    return Confirmation(
        _("Try again?"),
        already_over(interview) or text,
        _("Try again"),
        _("Trying again."),
    )


def _confirm_move_up(interview: Interview) -> Confirmation:
    return Confirmation(
        _("Move to the front of the line?"),
        already_over(interview)
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
        by_type(
            interview,
            _("Delete this test permanently?"),
            _("Delete this interview permanently?"),
            _("Delete this dry run permanently?"),
        ),
        text,
        _("Delete permanently"),
        by_type(
            interview,
            _("The test was deleted."),
            _("The interview was deleted."),
            _("The dry run was deleted."),
        ),
    )


def _deletes(interview: Interview) -> list[str]:
    return [] if interview.is_dry_run else deleted_parts(inventory_of(interview))


REVOKE = ConfirmedAction(
    verb="revoke",
    tone="danger",
    confirmation=confirm_revoke,
    run=lambda interview, by, notify: actions.revoke(interview, by=by, notify=notify),
    notifies=True,
)
END = ConfirmedAction(
    verb="end",
    tone="primary",
    confirmation=confirm_end,
    run=lambda interview, by: actions.end(interview, by=by, reason=EndReason.ENDED_BY_STAFF),
)
END_WITHOUT_SAVING = ConfirmedAction(
    verb="end-without-saving",
    tone="danger",
    confirmation=confirm_end_without_saving,
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
