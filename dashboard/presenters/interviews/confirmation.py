"""A dialog that asks before an action on an interview."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviews.attributes import DRY_RUN, LIVE
from interviews.lifecycle import FINAL
from interviews.models import Interview
from interviews.status_labels import status_label

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


def by_type(interview: Interview, test: str, live: str, dry_run: str) -> str:
    """The sentence for the type of the interview: languages inflect around the noun."""
    return {LIVE: live, DRY_RUN: dry_run}.get(interview.type, test)


def already_over(interview: Interview) -> str:
    if interview.state not in FINAL:
        return ""
    status = status_label(interview.state)
    return _("There's nothing left to do. Status: %(status)s.") % {"status": status}
