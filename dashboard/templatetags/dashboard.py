"""The words and addresses that the dashboard's templates need."""

from datetime import datetime

from django import template
from django.urls import reverse

from dashboard.forms import invitations
from interviews.models import Interview
from interviews.retention import in_words as in_days
from operations.mail import formatting

register = template.Library()


@register.filter
def in_words(minutes: float) -> str:
    """90 -> "1 h 30 min"."""
    return invitations.in_words(int(minutes))


@register.simple_tag
def retention() -> str:
    """How long an ended interview is kept, such as "7 days"."""
    return in_days()


@register.simple_tag
def ask_url(verb: str, interview: Interview) -> str:
    """Where staff is asked whether to do it (dashboard.presenters.confirmations)."""
    return reverse(f"dashboard:{verb}", args=[interview.id])


@register.filter
def seconds_in_words(seconds: float) -> str:
    """12.3 -> "12 s", 95 -> "1 min 35 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@register.filter
def megabytes(memory_mb: float) -> str:
    """512 -> "512 MB", 2048 -> "2 GB"."""
    return f"{memory_mb / 1024:g} GB" if memory_mb >= 1024 else f"{memory_mb:g} MB"


@register.filter
def in_zone(at: datetime, zone: str | None) -> str:
    """The moment in the zone that it was chosen in, which is named."""
    return formatting.format_time(at, zone or "UTC")
