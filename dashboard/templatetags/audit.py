"""Audit codes in words."""

from django import template

from dashboard.audit import labels

register = template.Library()


@register.filter
def said(what: str) -> str:
    """extended -> "changed the time"."""
    return labels.label(what)


@register.filter
def via_words(via: str) -> str:
    return labels.source_label(via)
