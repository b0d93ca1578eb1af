"""Durations and days on the page of start times."""

from datetime import date

from django import template

from dashboard.presenters import durations, start_time_chart

register = template.Library()


@register.filter
def duration(seconds: float) -> str:
    """4.25 -> "4.3 s"."""
    return durations.measured(seconds)


@register.filter
def day(at: date) -> str:
    """2031-03-03 -> "3 Mar"."""
    return start_time_chart.day_in_words(at)
