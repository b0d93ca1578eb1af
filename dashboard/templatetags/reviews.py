"""Words and numbers of reviews."""

from typing import Any

from django import template
from django.utils.formats import number_format

from dashboard.presenters.reviews import page
from dashboard.presenters.reviews.page import CommentLine
from interviews.models import Interview
from operations.reviews.models import SCORES, Recommendation, Review

register = template.Library()


@register.filter
def mean_score(mean: float | None) -> str:
    """A mean with one decimal: "2.7", or "2,7" in German; "–" for None.

    It is rounded, as `number_format` alone cuts the other digits off.
    """
    return "–" if mean is None else number_format(round(mean, 1), decimal_pos=1)


@register.filter
def score_words(score: int | None) -> Any:
    """3 -> "Meets expectations"; "" for None."""
    return SCORES.get(score or 0, "")


@register.filter
def recommendation_label(code: str) -> Any:
    return Recommendation(code).label if code in Recommendation.values else code


@register.filter
def outcome_label(outcome: str) -> Any:
    return page.outcome_label(outcome)


@register.filter
def place_link(where: str, interview: Interview) -> str:
    return page.place_link(where, interview)


@register.filter
def comment_lines(review: Review, interview: Interview) -> list[CommentLine]:
    return page.comment_lines(review, interview)
