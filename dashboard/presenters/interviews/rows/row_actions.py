"""The buttons that a row offers: what its viewer may do with the interview now."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from interviews.lifecycle import Status

if TYPE_CHECKING:
    from dashboard.presenters.interviews.rows.row import Row


@dataclass(frozen=True)
class RowAction:
    """A button. `verb` is the last part of its URL's name; `tone` is "bad" or ""."""

    verb: str
    label: str
    tone: str = ""

    @property
    def is_log(self) -> bool:
        return self.verb == "logs"


def actions_of(row: "Row") -> list[RowAction]:
    """Return the buttons in their order. Only what is offered is put into words."""
    is_dry_run, is_live = row.interview.is_dry_run, row.is_live
    found = []
    if row.can_retry:
        found.append(RowAction("retry", _("Try again")))
    if row.can_move_up:
        found.append(RowAction("move-up", _("Move to front of line")))
    if row.can_give_up_files:
        found.append(RowAction("end-without-saving", _("Stop without saving"), "bad"))
    if row.can_reschedule:
        found.append(RowAction("reschedule", _("Reschedule")))
    if row.can_edit:
        edit = _("Edit interview") if is_live else _("Edit invitation")
        is_expired = row.state is Status.EXPIRED
        found.append(RowAction("edit", _("Set new deadline") if is_expired else edit))
    if row.can_remind:
        found.append(RowAction("remind", _("Send reminder")))
    if row.can_extend:
        found.append(RowAction("extend", _("Extend time")))
    if row.can_reopen:
        found.append(RowAction("reopen", _("Reopen")))
    found.append(RowAction("logs", _("Activity log")))
    if row.can_end:
        found.append(RowAction("end", _("Stop") if is_dry_run else _("Stop now"), "bad"))
    # To stop a running test is also the way to withdraw it.
    if row.can_revoke and row.state is not Status.ACTIVE:
        withdraw = _("Cancel interview") if is_live else _("Withdraw")
        found.append(RowAction("revoke", _("Stop") if is_dry_run else withdraw, "bad"))
    if row.can_delete:
        found.append(RowAction("delete", _("Delete permanently"), "bad"))
    return found
