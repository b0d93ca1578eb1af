"""The reviews that are waited for, with what their list shows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from dashboard.permissions.reviewing import shown
from interviews import queries
from interviews.challenges import library
from interviews.models import Interview
from operations.reviews.models import Review


@dataclass(frozen=True)
class ReviewLine:
    review: Review
    interview: Interview
    challenge_name: str


def review_lines(request: HttpRequest, reviews: Iterable[Review]) -> list[ReviewLine]:
    """In their order; without those whose interview is gone."""
    rows = list(reviews)
    read = queries.get_interviews(dict.fromkeys(row.interview_id for row in rows))
    found = {each.id: each for each in shown(request, list(read.values()))}
    names = {each: library.challenge_name(each) for each in {i.challenge for i in found.values()}}
    return [
        ReviewLine(row, found[row.interview_id], names[found[row.interview_id].challenge])
        for row in rows
        if row.interview_id in found
    ]
