"""The progress of interviews as points of a small line, for lists of many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from operations.progress.models import ProgressState

T = TypeVar("T")

# Points of one line: of more states, those at even distances, the first and the last.
MAX_POINTS = 60


@dataclass(frozen=True)
class ProgressPoint:
    """A kept state: when, and how many lines and files there were."""

    at: datetime
    lines: int
    files: int


def points_of(interview_ids: Iterable[str]) -> dict[str, list[ProgressPoint]]:
    """The points of each interview with kept progress, oldest first. One query for all of them."""
    found: dict[str, list[ProgressPoint]] = {}
    rows = ProgressState.objects.filter(interview_id__in=list(interview_ids))
    for interview_id, at, lines, files in rows.values_list("interview_id", "at", "lines", "files"):
        found.setdefault(interview_id, []).append(ProgressPoint(at, lines, files))
    return {interview_id: thinned(points, MAX_POINTS) for interview_id, points in found.items()}


def thinned(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, at even distances, with the first and the last."""
    if len(items) <= most:
        return list(items)
    last = len(items) - 1
    return [items[round(place * last / (most - 1))] for place in range(most)]
