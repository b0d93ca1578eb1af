"""Rows of lists, and their parts on an interview's page, which are Jinja2 templates."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from dashboard.presenters.interviews.rows.row import Row
from dashboard.presenters.interviews.rows.row_html import render_row, render_rows

register = template.Library()


@register.simple_tag(takes_context=True)
def row_part(context: template.Context, template_name: str) -> SafeString:
    """Render this template for the `row` of the context."""
    return render_row(context["request"], template_name, context["row"])


@register.simple_tag(takes_context=True)
def row_parts(context: template.Context, template_name: str, rows: Iterable[Row]) -> SafeString:
    """Render this template for each of these rows."""
    return render_rows(context["request"], template_name, rows)
