"""The progress of interviews as points of a small line, for lists of many."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from operations.progress.models import ProgressState

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
    return {interview_id: _thinned(points) for interview_id, points in found.items()}


def _thinned(points: list[ProgressPoint]) -> list[ProgressPoint]:
    if len(points) <= MAX_POINTS:
        return points
    last = len(points) - 1
    return [points[round(place * last / (MAX_POINTS - 1))] for place in range(MAX_POINTS)]
