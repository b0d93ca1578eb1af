"""Audit codes in words."""

from django import template
from django.utils.translation import gettext_lazy as _

from dashboard.audit import labels

register = template.Library()

VIAS = {"page": _("web"), "api": _("API"), "admin": _("admin"), "command": _("command line")}


@register.filter
def said(what: str) -> str:
    """extended -> "changed the time"."""
    return labels.label(what)


@register.filter
def via_words(via: str) -> str:
    return str(VIAS.get(via, via))
