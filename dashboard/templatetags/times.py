"""Times as HTML, which a script converts to the reader's zone, for translated sentences."""

from datetime import datetime

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.people.profile import time_zone_of

register = template.Library()


# A tag as well, for a sentence that names the time by a variable.
@register.simple_tag
@register.filter
def short_time(at: datetime | None) -> SafeString:
    """A short time, as layout/_time.html shows it; "" for None."""
    return _rendered("dashboard/layout/_time.html", at)


@register.filter
def full_time(at: datetime | None) -> SafeString:
    """A time with its day and zone, as shared/_time.html shows it; "" for None."""
    return _rendered("shared/_time.html", at, style="full")


@register.filter
def relative_time(at: datetime | None) -> SafeString:
    """ "in 3 h", "2 days ago"; "" for None."""
    return _rendered("shared/_time.html", at, style="relative")


@register.simple_tag(takes_context=True)
def own_time_zone(context: template.Context) -> SafeString:
    """The attribute of <html> with the zone that the person chose for their pages; or ""."""
    user = context["request"].user
    zone = time_zone_of(user) if user.is_authenticated else ""
    return format_html(' data-own-time-zone="{}"', zone) if zone else SafeString("")


def _rendered(name: str, at: datetime | None, **context: str) -> SafeString:
    if at is None:
        return SafeString("")
    return SafeString(render_to_string(name, {"at": at, **context}).strip())
