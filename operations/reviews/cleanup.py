"""Deleting what is stored about an interview's reviews, together with the interview."""

from typing import NamedTuple

from operations.reviews.models import Decision, Review, ReviewCase


class ReviewCounts(NamedTuple):
    """How many reviews there are of an interview, drafts too, and how many decisions."""

    reviews: int
    decisions: int


def count_reviews_of(interview_id: str) -> ReviewCounts:
    return ReviewCounts(
        Review.objects.filter(interview_id=interview_id).count(),
        Decision.objects.filter(interview_id=interview_id).count(),
    )


def delete_reviews_of(interview_id: str) -> ReviewCounts:
    """Delete the reviews and decisions, and return how many there were."""
    deleted = ReviewCounts(
        Review.objects.filter(interview_id=interview_id).delete()[0],
        Decision.objects.filter(interview_id=interview_id).delete()[0],
    )
    ReviewCase.objects.filter(pk=interview_id).delete()
    return deleted
