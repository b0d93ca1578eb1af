"""Submitted reviews side by side: the scores of each criterion, weighted means, and the spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from interviews.challenges.criteria import Criterion
from operations.reviews.models import Recommendation, Review

Rows = Sequence[dict[str, Any]]
# Reviewers who are this far apart on a criterion should talk about it.
WIDE = 2


@dataclass(frozen=True)
class Cell:
    """One reviewer's score of a criterion.

    `was` is the one before others' reviews could be seen, if it was another.
    """

    score: int | None
    note: str
    was: int | None = None


@dataclass(frozen=True)
class CriterionLine:
    """A criterion with the cells of all reviews, in their order."""

    criterion: Criterion
    cells: list[Cell]

    @property
    def scores(self) -> list[int]:
        return [cell.score for cell in self.cells if cell.score is not None]

    @property
    def mean(self) -> float | None:
        return mean(self.scores) if self.scores else None

    @property
    def spread(self) -> int:
        """The distance of the highest score from the lowest."""
        return max(self.scores) - min(self.scores) if self.scores else 0

    @property
    def is_wide(self) -> bool:
        return self.spread >= WIDE


@dataclass(frozen=True)
class Summary:
    """All of it. `means` are the weighted means of the reviews, in their order, and
    `original_means` those of before others' could be seen, None for a review that is unchanged."""

    reviews: list[Review]
    lines: list[CriterionLine]
    means: list[float | None]
    original_means: list[float | None]

    @property
    def mean(self) -> float | None:
        """The mean of the reviews' weighted means."""
        known = [each for each in self.means if each is not None]
        return mean(known) if known else None

    @property
    def means_with_original(self) -> list[tuple[float | None, float | None]]:
        """The mean of each review, and the one of before if it was another."""
        pairs = zip(self.means, self.original_means, strict=True)
        return [(after, before if before != after else None) for after, before in pairs]

    @property
    def spread(self) -> float:
        """The distance of the highest weighted mean from the lowest."""
        known = [each for each in self.means if each is not None]
        return max(known) - min(known) if known else 0.0

    @property
    def recommendations(self) -> list[tuple[Recommendation, int]]:
        """How often each was given, from the best; those that nobody gave are left out."""
        given = [review.recommendation for review in self.reviews]
        return [(each, given.count(each)) for each in Recommendation if each in given]


def summarize(reviews: Sequence[Review], criteria: Sequence[Criterion]) -> Summary:
    lines = [CriterionLine(each, [_cell(review, each) for review in reviews]) for each in criteria]
    means = [_weighted_mean(review.scores, criteria) for review in reviews]
    originals = [_weighted_mean(review.original_scores, criteria) for review in reviews]
    return Summary(list(reviews), lines, means, originals)


def _cell(review: Review, criterion: Criterion) -> Cell:
    row = _row(review.scores, criterion)
    if row is None:
        return Cell(None, "")
    before = _row(review.original_scores, criterion)
    was = before["score"] if before is not None and before["score"] != row["score"] else None
    return Cell(row["score"], row["note"], was)


def _row(scores: Rows, criterion: Criterion) -> dict[str, Any] | None:
    return next((row for row in scores if row["criterion"] == criterion.name), None)


def _weighted_mean(scores: Rows, criteria: Sequence[Criterion]) -> float | None:
    """Of the criteria that have a score."""
    rows = ((each.weight, _row(scores, each)) for each in criteria)
    scored = [(weight, row["score"]) for weight, row in rows if row and row["score"] is not None]
    weights = sum(weight for weight, _score in scored)
    return sum(weight * score for weight, score in scored) / weights if weights else None
