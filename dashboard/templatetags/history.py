"""What a row of the history shows beyond the row of every list."""

from dataclasses import dataclass

from django import template
from django.urls import reverse

from dashboard.presenters import durations
from interviews.lifecycle import FINAL
from interviews.models import Interview
from interviews.sittings import time_in_workspace
from operations import archive

register = template.Library()


@dataclass(frozen=True)
class File:
    """A saved archive."""

    url: str
    bytes: float | None


@register.filter
def is_over(interview: Interview) -> bool:
    return interview.state in FINAL


@register.filter
def took(interview: Interview) -> str:
    """How long the candidate had the workspace: "1 h 12 min", "40 s", or ""."""
    length = time_in_workspace(interview)
    return durations.minutes_rounded(length) if length is not None else ""


@register.filter
def saved_files(interview: Interview) -> list[File]:
    """The archives, newest first."""
    saved = archive.earlier_archives(interview)
    url = reverse("api:files", args=[interview.id])
    files = [File(f"{url}?opening={place}", file.bytes) for place, file in enumerate(saved)]
    return files[::-1]
