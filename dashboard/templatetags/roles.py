"""The roles of a select, explained."""

from collections.abc import Iterable
from typing import Any

from django import template

from dashboard.permissions.roles import DESCRIPTIONS

register = template.Library()


@register.filter
def described_roles(choices: Iterable[tuple[str, Any]]) -> list[tuple[Any, Any]]:
    """The name and the description of each role among these choices."""
    return [(name, DESCRIPTIONS[role]) for role, name in choices if role in DESCRIPTIONS]
