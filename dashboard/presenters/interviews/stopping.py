"""What the dialogs ask before an interview is stopped, withdrawn or cancelled."""

from django.utils.translation import gettext as _

from dashboard.presenters.interviews.confirmation import (
    Confirmation,
    already_over,
    by_type,
)
from interviews.attributes import LIVE
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview


def confirm_end(interview: Interview) -> Confirmation:
    may_withdraw = interview.is_take_home and interview.state is Status.ACTIVE
    return Confirmation(
        by_type(
            interview,
            _("Stop this test now?"),
            _("Stop this interview now?"),
            _("Stop this dry run?"),
        ),
        already_over(interview) or _what_is_saved(interview),
        by_type(interview, _("Stop now"), _("Stop now"), _("Stop")),
        by_type(
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


def confirm_end_without_saving(interview: Interview) -> Confirmation:
    return Confirmation(
        _("Stop without saving?"),
        already_over(interview)
        or _(
            "Saving the files keeps failing. If you stop without saving, everything the candidate "
            "wrote is lost. This can't be undone."
        ),
        _("Discard files and stop"),
        _("The workspace is being closed."),
    )


def confirm_revoke(interview: Interview) -> Confirmation:
    if interview.is_dry_run:
        return _confirm_stop_of_dry_run(interview)
    if interview.type == LIVE and interview.state is not Status.ACTIVE:
        return _confirm_cancel(interview)
    is_invitation = interview.state is Status.AVAILABLE
    return Confirmation(
        by_type(
            interview,
            _("Withdraw this invitation?") if is_invitation else _("Withdraw this test?"),
            _("Withdraw this interview?"),
            "",
        ),
        _withdraw_text(interview),
        _("Withdraw"),
        by_type(
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
    return already_over(interview) or _("It's already ending, so it can't be withdrawn.")


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
    return already_over(interview) or _("It's already ending, so it can't be cancelled.")


def _confirm_stop_of_dry_run(interview: Interview) -> Confirmation:
    text = _("The start is stopped, and what's left of the workspace is removed.")
    if interview.state is Status.ACTIVE:
        text = _what_is_saved(interview)
    elif interview.state in FINAL or interview.state is Status.DESTROYING:
        text = already_over(interview) or _("It's already ending.")
    return Confirmation(
        _("Stop this dry run?"),
        text,
        _("Stop"),
        _("The dry run is being stopped."),
    )
