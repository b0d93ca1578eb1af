"""Small elements of pages of both faces, which lists have in each row."""

from functools import cache
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from dashboard.html import build_html
from interviews.lifecycle import Status
from interviews.status_labels import status_label

register = template.Library()

# By what is copied: the name of the button, and what is said once it was pressed.
COPIED: dict[str, tuple[Any, Any]] = {
    "link": (_("Copy link"), _("Link copied.")),
    "password": (_("Copy password"), _("Password copied.")),
    "token": (_("Copy token"), _("Token copied.")),
    "secret": (_("Copy secret"), _("Secret copied.")),
    "key": (_("Copy key"), _("Key copied.")),
    "codes": (_("Copy codes"), _("Codes copied.")),
    "address": (_("Copy address"), _("Address copied.")),
    "command": (_("Copy command"), _("Command copied.")),
}


@register.simple_tag
def badge(status: Status, label: str = "") -> SafeString:
    """A status; `label` is a text instead of the status's own."""
    shown = label or status_label(status)
    return build_html('<span class="badge badge-{}">{}</span>', status, shown)


@register.simple_tag
def copy_button(
    what: str, text: str = "", target: str = "", *, shows_what: bool = False
) -> SafeString:
    """A button that copies `text`, or the text of the element that the CSS selector `target` finds.

    `what` is a key of COPIED; with `shows_what` the button says it.
    """
    label, copied, short = _copy_words(what, get_language())
    return build_html(
        '<button type="button" class="button button-small copy" {}="{}" data-what="{}"'
        ' data-copied="{}" aria-label="{}"><span data-copy-label>{}</span></button>',
        *(("data-copy-from", target) if target else ("data-copy", text)),
        *(what, copied, label, label if shows_what else short),
    )


@cache
def _copy_words(what: str, language: str | None) -> tuple[str, str, str]:
    label, copied = COPIED[what]
    return str(label), str(copied), gettext("Copy")
