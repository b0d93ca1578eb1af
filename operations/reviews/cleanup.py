"""Deleting what is stored about an interview's reviews, together with the interview."""

from operations.reviews.models import Decision, Review, ReviewCase


def count_reviews_of(interview_id: str) -> int:
    """How many reviews and decisions there are of the interview."""
    reviews = Review.objects.filter(interview_id=interview_id).count()
    return reviews + Decision.objects.filter(interview_id=interview_id).count()


def delete_reviews_of(interview_id: str) -> int:
    """Delete the reviews and decisions, and return how many there were of both."""
    deleted = Review.objects.filter(interview_id=interview_id).delete()[0]
    deleted += Decision.objects.filter(interview_id=interview_id).delete()[0]
    ReviewCase.objects.filter(pk=interview_id).delete()
    return deleted
