"""Times as HTML: aware UTC datetimes, which a script converts to the reader's zone."""

from datetime import datetime
from functools import cache

from django import template
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from markupsafe import escape

from dashboard.people.profile import time_zone_of

register = template.Library()


# A tag as well, for a sentence that names the time by a variable.
@register.simple_tag
@register.filter
def short_time(at: datetime | None) -> SafeString:
    """A short time in the zone that the table's header names; "" for None."""
    if at is None:
        return SafeString("")
    # Nothing in it is special in HTML.
    return SafeString(f'<time datetime="{at.isoformat()}" data-when>{_short(at)}</time>')


@register.filter
def utc_text(at: datetime) -> str:
    """A short time where no element can stand, such as in an option: "30 Nov, 14:05 UTC"."""
    return f"{_short(at)} UTC"


@register.filter
def full_time(at: datetime | None) -> SafeString:
    """A time with its day and zone, as shared/_time.html shows it; "" for None."""
    return time_element(at)


@register.filter
def relative_time(at: datetime | None) -> SafeString:
    """ "in 3 h", "2 days ago"; "" for None."""
    return time_element(at, "relative")


def time_element(at: datetime | None, style: str = "full") -> SafeString:
    """What shared/_time.html makes of it, for Jinja2 templates; "" for None."""
    if at is None:
        return SafeString("")
    month, _ = _months(get_language())[at.month]
    return SafeString(
        f'<time datetime="{at.isoformat()}" data-time="{style}">'
        f"{at.day} {month} {at:%Y, %H:%M} UTC</time>"
    )


@register.simple_tag(takes_context=True)
def own_time_zone(context: template.Context) -> SafeString:
    """The attribute of <html> with the zone that the person chose for their pages; or ""."""
    user = context["request"].user
    zone = time_zone_of(user) if user.is_authenticated else ""
    return format_html(' data-own-time-zone="{}"', zone) if zone else SafeString("")


def _short(at: datetime) -> str:
    _, month = _months(get_language())[at.month]
    return f"{at.day} {month}, {at:%H:%M}"


@cache
def _months(language: str | None) -> dict[int, tuple[str, str]]:
    """The names of months in the active language, long and short: Django's format "F" and "M"."""
    return {
        number: (escape(str(name)), escape(str(MONTHS_3[number]).title()))
        for number, name in MONTHS.items()
    }
