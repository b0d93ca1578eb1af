"""The buttons of an interview's actions."""

from functools import cache

from django import template
from django.utils.safestring import SafeString
from markupsafe import escape

from dashboard.html import build_html
from dashboard.presenters.interviews.rows.row_actions import RowAction
from dashboard.url_templates import url_with_id
from interviews.models import Interview

register = template.Library()


@register.simple_tag
def action_button(
    action: RowAction, interview: Interview, classes: str, after: SafeString | str = ""
) -> SafeString:
    """A button; `after` follows its label."""
    tag, label = _start_and_label(action, classes)
    url = escape(url_with_id(f"dashboard:{action.verb}", interview.id))
    return SafeString(f'{tag}"{url}">{label}{escape(after)}</button>')


@cache
def _start_and_label(action: RowAction, classes: str) -> tuple[str, str]:
    """The tag up to the value of its last attribute, and the label: the same in many rows."""
    tag = build_html(
        '<button type="button" class="button {}{}" {}=',
        classes,
        f" tone-{action.tone}" if action.tone else "",
        "data-logs" if action.is_log else "data-ask",
    )
    return tag, escape(action.label)
