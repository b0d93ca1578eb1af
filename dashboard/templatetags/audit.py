"""Audit codes in words."""

from django import template

from dashboard.audit import labels

register = template.Library()

VIAS = {"page": "the pages", "api": "the API", "admin": "the admin", "command": "a command"}


@register.filter
def said(what: str) -> str:
    """extended -> "changed the time"."""
    return labels.label(what)


@register.filter
def via_words(via: str) -> str:
    return VIAS.get(via, via)
