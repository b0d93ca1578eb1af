"""The links of the header: each knows whether this page is below it."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, name: str, words: str, *also: str) -> SafeString:
    """A link to the page of that name. `also`: how addresses begin that belong to it besides."""
    address, here = reverse(name), context["request"].path
    # Everything is below the first page: only what is named belongs to it.
    below = also if address == "/" else (address, *also)
    if here == address or here.startswith(below):
        return format_html('<a href="{}" aria-current="page">{}</a>', address, words)
    return format_html('<a href="{}">{}</a>', address, words)
