"""The reviews that are waited for, with what their list shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from dashboard.permissions.reviewing import shown
from interviews import queries
from interviews.challenges import library
from interviews.models import Interview
from operations.reviews import waiting
from operations.reviews.models import Review

# So many on each side are read to find one whose interview is not gone.
MAX_TRIED = 5


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


@dataclass(frozen=True)
class Neighbors:
    """What waits for the person's review before and after an interview in their list."""

    before: ReviewLine | None
    after: ReviewLine | None


def neighbors_of(request: HttpRequest, interview: Interview) -> Neighbors:
    """After what does not wait itself, such as a review just submitted, comes the oldest."""
    rows = list(waiting.waiting_for(cast(User, request.user)))
    places = [place for place, row in enumerate(rows) if row.interview_id == interview.id]
    place = places[0] if places else -1
    before = rows[max(place - MAX_TRIED, 0) : max(place, 0)]
    lines = review_lines(request, [*before, *rows[place + 1 : place + 1 + MAX_TRIED]])
    known = {row.pk for row in before}
    earlier = [line for line in lines if line.review.pk in known]
    later = [line for line in lines if line.review.pk not in known]
    return Neighbors(earlier[-1] if earlier else None, later[0] if later else None)
