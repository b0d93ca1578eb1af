"""The buttons that a row offers: what its viewer may do with the interview now."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from interviews.lifecycle import Status

if TYPE_CHECKING:
    from dashboard.presenters.interviews.rows.row import Row


@dataclass(frozen=True, eq=False)
class Offer:
    """An action in no language yet. As each is one object, none is compared by what it has: the
    hash of a text that is translated when it is needed is that of its translation."""

    verb: str
    label: Any
    tone: str = ""


RETRY = Offer("retry", _("Try again"))
MOVE_UP = Offer("move-up", _("Move to front of line"))
GIVE_UP_FILES = Offer("end-without-saving", _("Stop without saving"), "bad")
RESCHEDULE = Offer("reschedule", _("Reschedule"))
EDIT_INTERVIEW = Offer("edit", _("Edit interview"))
EDIT_INVITATION = Offer("edit", _("Edit invitation"))
SET_DEADLINE = Offer("edit", _("Set new deadline"))
REMIND = Offer("remind", _("Send reminder"))
EXTEND = Offer("extend", _("Extend time"))
REOPEN = Offer("reopen", _("Reopen"))
LOGS = Offer("logs", _("Activity log"))
STOP = Offer("end", _("Stop"), "bad")
STOP_NOW = Offer("end", _("Stop now"), "bad")
CANCEL = Offer("revoke", _("Cancel interview"), "bad")
WITHDRAW = Offer("revoke", _("Withdraw"), "bad")
STOP_DRY_RUN = Offer("revoke", _("Stop"), "bad")
DELETE = Offer("delete", _("Delete permanently"), "bad")


@dataclass(frozen=True)
class RowAction:
    """A button. `verb` is the last part of its URL's name; `tone` is "bad" or ""."""

    verb: str
    label: str
    tone: str = ""

    @property
    def is_log(self) -> bool:
        return self.verb == "logs"


@cache
def _in_words(offer: Offer, language: str | None) -> RowAction:
    return RowAction(offer.verb, str(offer.label), offer.tone)


def actions_of(row: "Row") -> list[RowAction]:
    """Return the buttons in their order, in the active language."""
    is_dry_run, is_live = row.interview.is_dry_run, row.is_live
    found = []
    if row.can_retry:
        found.append(RETRY)
    if row.can_move_up:
        found.append(MOVE_UP)
    if row.can_give_up_files:
        found.append(GIVE_UP_FILES)
    if row.can_reschedule:
        found.append(RESCHEDULE)
    if row.can_edit:
        is_expired = row.state is Status.EXPIRED
        found.append(SET_DEADLINE if is_expired else EDIT_INTERVIEW if is_live else EDIT_INVITATION)
    if row.can_remind:
        found.append(REMIND)
    if row.can_extend:
        found.append(EXTEND)
    if row.can_reopen:
        found.append(REOPEN)
    found.append(LOGS)
    if row.can_end:
        found.append(STOP if is_dry_run else STOP_NOW)
    # To stop a running test is also the way to withdraw it.
    if row.can_revoke and row.state is not Status.ACTIVE:
        found.append(STOP_DRY_RUN if is_dry_run else CANCEL if is_live else WITHDRAW)
    if row.can_delete:
        found.append(DELETE)
    language = get_language()
    return [_in_words(action, language) for action in found]
