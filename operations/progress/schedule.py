"""Whose progress is kept, and when it is due. The row decides; a lost message costs a turn."""

import zlib
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from interviews import queries
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.progress.models import ProgressWatch
from operations.queue import dispatch

# Rows that one query asks for.
MAX_IDS = 500


def interval() -> timedelta:
    """The time between two looks at a workspace."""
    return timedelta(minutes=settings.PROGRESS_MINUTES)


def is_kept(interview: Interview) -> bool:
    """Whether progress is kept while the workspace of this interview runs.

    Not where staff agreed that nothing is saved, and not where there is no candidate.
    """
    has_candidate = not (interview.is_dry_run or interview.is_practice)
    return settings.PROGRESS_MINUTES > 0 and bool(interview.save_files) and has_candidate


def dispatch_due() -> None:
    """Ask workers to keep the progress of each running workspace whose turn it is."""
    if settings.PROGRESS_MINUTES <= 0:
        return
    now = timezone.now()
    ids = list(queries.ids_with_status(Status.ACTIVE))
    for start in range(0, len(ids), MAX_IDS):
        some = ids[start : start + MAX_IDS]
        watches = ProgressWatch.objects.in_bulk(some)
        for interview_id in some:
            watch = watches.get(interview_id)
            if watch is None:
                _begin(interview_id, now)
            elif watch.due_at <= now and (watch.claimed_until or now) <= now:
                dispatch.enqueue_keep(interview_id)


def _begin(interview_id: str, now: datetime) -> None:
    interview = queries.get_interview(interview_id)
    if interview is not None and is_kept(interview):
        ProgressWatch.objects.get_or_create(
            pk=interview_id, defaults={"due_at": now + _first_delay(interview_id)}
        )


def _first_delay(interview_id: str) -> timedelta:
    """Within the interval, at another time for each interview: many begin at the same minute."""
    share = zlib.crc32(interview_id.encode()) % 1000 / 1000
    return interval() * share
