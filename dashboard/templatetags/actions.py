"""The buttons of an interview's actions. A list has four in each row, too many for templates."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.presenters.interviews.row import RowAction
from interviews.models import Interview

register = template.Library()


@register.simple_tag
def action_button(action: RowAction, interview: Interview, classes: str) -> SafeString:
    """A button on the page of the one interview."""
    return _button(action, interview, classes, SafeString(""))


@register.simple_tag
def row_action_button(action: RowAction, interview: Interview, classes: str) -> SafeString:
    """A button in a row, which says to screen readers whose row it is."""
    whose = format_html('<span class="visually-hidden"> ({})</span>', interview.candidate_name)
    return _button(action, interview, classes, whose)


def _button(action: RowAction, interview: Interview, classes: str, whose: SafeString) -> SafeString:
    return format_html(
        '<button type="button" class="button {}{}" {}="{}">{}{}</button>',
        classes,
        f" tone-{action.tone}" if action.tone else "",
        "data-logs" if action.is_log else "data-ask",
        reverse(action.url_name, kwargs={"interview_id": interview.id}),
        action.label,
        whose,
    )
