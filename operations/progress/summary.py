"""The progress of interviews as points of a small line and as two sums, for lists of many.

Both begin with the starting files, whose size would hide the work.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Sum

from operations.progress.models import ProgressState

T = TypeVar("T")

# Points of one line: of more states, those at even distances, the first and the last.
MAX_POINTS = 60


@dataclass(frozen=True)
class ProgressPoint:
    """A kept state: when, and the lines added and deleted since the starting files, summed from
    state to state."""

    at: datetime
    added: int
    deleted: int


@dataclass(frozen=True)
class ChangedLines:
    """The lines added and deleted in all states of an interview."""

    added: int
    deleted: int


def points_of(interview_ids: Iterable[str]) -> dict[str, list[ProgressPoint]]:
    """The points of each interview with kept progress, oldest first. One query for all of them."""
    found: dict[str, list[ProgressPoint]] = {}
    rows = ProgressState.objects.filter(interview_id__in=list(interview_ids))
    columns = ("interview_id", "at", "lines_added", "lines_deleted")
    for interview_id, at, added, deleted in rows.values_list(*columns):
        points = found.setdefault(interview_id, [])
        if points:
            added, deleted = points[-1].added + added, points[-1].deleted + deleted
        points.append(ProgressPoint(at, added, deleted))
    return {interview_id: thinned(points, MAX_POINTS) for interview_id, points in found.items()}


def changed_lines_of(interview_ids: Iterable[str]) -> dict[str, ChangedLines]:
    """The sums of each interview with kept progress. One query for all of them."""
    rows = ProgressState.objects.filter(interview_id__in=list(interview_ids))
    sums = (
        rows.order_by()
        .values_list("interview_id")
        .annotate(Sum("lines_added"), Sum("lines_deleted"))
    )
    return {interview_id: ChangedLines(added, deleted) for interview_id, added, deleted in sums}


def thinned(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, at even distances, with the first and the last."""
    if len(items) <= most:
        return list(items)
    last = len(items) - 1
    return [items[round(place * last / (most - 1))] for place in range(most)]
