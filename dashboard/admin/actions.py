"""What can be done to a record from the admin: each asks first, on a page of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from dashboard.permissions.roles import Permission
from dashboard.presenters.confirmations import Confirmation

# What a deed does, given the record, who asks, and what its form holds; returns a detail for the
# admin's history, or "". Raises WrongStateError, InvalidInputError or StaleWriteError.
Do = Callable[[Any, str, dict[str, Any]], str]


@dataclass(frozen=True)
class RecordAction:
    """`title`: in the list of actions. `fits`: does it make sense for this record? The deed itself
    decides."""

    verb: str
    title: str
    needs: Permission
    fits: Callable[[Any], bool]
    words: Callable[[Any], Confirmation]
    do: Do
    form: type[forms.Form] | None = None
    is_grave: bool = False
    removes: bool = False
