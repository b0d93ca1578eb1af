"""Words and URLs for the dashboard's templates."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from dashboard.permissions import roles
from dashboard.presenters import durations
from dashboard.presenters.interviews.timeline import CANDIDATE, SCHEDULE, WORKER
from interviews.challenges.versions import SHIPPED
from interviews.models import Interview
from interviews.retention import in_words as in_days
from operations.mail import formatting

register = template.Library()

# What is stored instead of a username.
ACTORS = {
    CANDIDATE: _("candidate"),
    SCHEDULE: _("automatically"),
    WORKER: _("automatically"),
    SHIPPED: _("the platform"),
}


@register.filter
def actor_name(by: str) -> Any:
    """A username as it is; "candidate" and the like in the reader's language."""
    return ACTORS.get(by, by)


@register.filter
def role_name(role: str) -> Any:
    """ "Viewer" -> "Betrachter:in" in German."""
    return roles.role_name(role)


@register.filter
def in_words(minutes: float) -> str:
    """90 -> "1 h 30 min"."""
    return durations.minutes(int(minutes))


@register.filter
def in_percent(count: int) -> str:
    """25 -> "25%"."""
    return durations.percent(count)


@register.simple_tag
def retention() -> str:
    """How long an ended interview is kept, such as "7 days"."""
    return in_days()


@register.simple_tag
def ask_url(verb: str, interview: Interview) -> str:
    """The URL of the dialog that confirms an action (`dashboard.presenters.interviews`)."""
    return reverse(f"dashboard:{verb}", args=[interview.id])


@register.filter
def seconds_in_words(seconds: float) -> str:
    """12.3 -> "12 s", 95 -> "1 min 35 s"."""
    return durations.seconds(seconds)


@register.filter
def short_number(number: float) -> str:
    """2.0 -> "2", and 1.5 -> "1.5", or "1,5" in German."""
    return number_format(f"{number:g}")


@register.filter
def megabytes(memory_mb: float) -> str:
    """512 -> "512 MB", 1536 -> "1.5 GB", or "1,5 GB" in German."""
    if memory_mb >= 1024:
        return f"{short_number(memory_mb / 1024)} GB"
    return f"{short_number(memory_mb)} MB"


@register.filter
def planned_time(interview: Interview) -> str:
    """The day and time in the zone in which it was chosen, with that zone's name and offset."""
    return formatting.format_planned_time(interview)


@register.filter
def planned_clock(interview: Interview) -> str:
    """The same without the day and UTC."""
    return formatting.format_planned_clock(interview)
