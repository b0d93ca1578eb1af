"""Actions on a record in the admin. Each shows a confirmation page first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.confirmation import Confirmation

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# Run the action on the record for the actor with the form's values, and return a detail for the
# admin's history, or "". Raises WrongStateError, InvalidInputError or StaleWriteError.
Run = Callable[[Any, str, dict[str, Any]], str]


@dataclass(frozen=True)
class RecordAction:
    """One entry of the action menu.

    `is_available` only decides whether the action is offered: the action itself checks the state
    again, and writes the audit entry.
    """

    verb: str
    title: "_StrOrPromise"
    permission: Permission
    is_available: Callable[[Any], bool]
    confirmation: Callable[[Any], Confirmation]
    run: Run
    form: type[forms.Form] | None = None
    is_destructive: bool = False
    deletes: bool = False
