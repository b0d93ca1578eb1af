"""Whose progress is kept, and how often."""

from datetime import timedelta

from django.conf import settings

from interviews.models import Interview


def interval() -> timedelta:
    """The time between two looks at a workspace."""
    return timedelta(minutes=settings.PROGRESS_MINUTES)


def is_kept(interview: Interview) -> bool:
    """Whether progress is kept while the workspace of this interview runs.

    Not where staff agreed that nothing is saved, and not where there is no candidate.
    """
    has_candidate = not (interview.is_dry_run or interview.is_practice)
    return settings.PROGRESS_MINUTES > 0 and bool(interview.save_files) and has_candidate
