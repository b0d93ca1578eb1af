"""What a row of the history shows beyond the row of every list."""

from django import template

from dashboard.presenters import durations
from dashboard.presenters.interviews import sittings
from dashboard.presenters.interviews.sittings import SavedFiles
from interviews.lifecycle import FINAL
from interviews.models import Interview
from interviews.sittings import time_in_workspace

register = template.Library()


@register.filter
def is_over(interview: Interview) -> bool:
    return interview.state in FINAL


@register.filter
def took(interview: Interview) -> str:
    """How long the candidate had the workspace: "1 h 12 min", "40 s", or ""."""
    length = time_in_workspace(interview)
    return durations.minutes_rounded(length) if length is not None else ""


@register.filter
def saved_files(interview: Interview) -> list[SavedFiles]:
    """The archives, newest first."""
    return sittings.saved_files(interview)
