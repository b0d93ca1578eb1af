"""The buttons of an interview's actions."""

from django import template
from django.utils.safestring import SafeString

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
    return build_html(
        '<button type="button" class="button {}{}" {}="{}">{}{}</button>',
        classes,
        f" tone-{action.tone}" if action.tone else "",
        "data-logs" if action.is_log else "data-ask",
        url_with_id(f"dashboard:{action.verb}", interview.id),
        action.label,
        after,
    )
