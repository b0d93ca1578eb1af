"""The words and addresses that the dashboard's templates need."""

from django import template
from django.urls import reverse

from dashboard import forms
from interviews.models import Interview

register = template.Library()


@register.filter
def in_words(minutes: float) -> str:
    """90 -> "1 h 30 min"."""
    return forms.in_words(int(minutes))


@register.simple_tag
def ask_url(verb: str, interview: Interview) -> str:
    """Where staff is asked whether to do it (dashboard.asks)."""
    return reverse(f"dashboard:{verb}", args=[interview.id])
