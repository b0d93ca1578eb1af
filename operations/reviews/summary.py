"""Submitted reviews side by side: the scores of each criterion, weighted means, and the spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from interviews.challenges.criteria import Criterion
from operations.reviews.models import Recommendation, Review

# Reviewers who are this far apart on a criterion should talk about it.
WIDE = 2


@dataclass(frozen=True)
class Cell:
    """One reviewer's score of a criterion."""

    score: int | None
    note: str


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
    """All of it. `means` are the weighted means of the reviews, in their order."""

    reviews: list[Review]
    lines: list[CriterionLine]
    means: list[float | None]

    @property
    def mean(self) -> float | None:
        """The mean of the reviews' weighted means."""
        known = [each for each in self.means if each is not None]
        return mean(known) if known else None

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
    means = [_weighted_mean(review, criteria) for review in reviews]
    return Summary(list(reviews), lines, means)


def _cell(review: Review, criterion: Criterion) -> Cell:
    for row in review.scores:
        if row["criterion"] == criterion.name:
            return Cell(row["score"], row["note"])
    return Cell(None, "")


def _weighted_mean(review: Review, criteria: Sequence[Criterion]) -> float | None:
    """Of the criteria that have a score."""
    scored = [
        (each.weight, cell.score)
        for each in criteria
        if (cell := _cell(review, each)).score is not None
    ]
    weights = sum(weight for weight, _score in scored)
    return sum(weight * (score or 0) for weight, score in scored) / weights if weights else None
