"""Reviews and decisions as an export of the candidate's data has them."""

from typing import Any

from operations.reviews.access import Viewer, visible_reviews
from operations.reviews.decisions import decision_history
from operations.reviews.models import Decision, Review


def review_records(interview_id: str, viewer: Viewer | None) -> dict[str, Any]:
    """The reviews and the decisions of an interview.

    `viewer` is who asks for the export, and gets no more of it than on the pages, so of drafts only
    their own; None, on the server, gets all. `reviewsLeftOut` says that something is missing.
    """
    rows = list(Review.objects.filter(interview_id=interview_id))
    sees_all = viewer is None or visible_reviews(interview_id, viewer).shows_others
    mine = viewer.user_id if viewer is not None else None
    shown = [
        row
        for row in rows
        if viewer is None or (sees_all and row.is_submitted) or (mine and row.reviewer_id == mine)
    ]
    decided = decision_history(interview_id)
    return {
        "reviews": [_review(row) for row in shown],
        "decisions": [_decision(row, shows_reason=sees_all) for row in reversed(decided)],
        "reviewsLeftOut": len(shown) < len(rows) or (not sees_all and bool(decided)),
    }


def _review(review: Review) -> dict[str, Any]:
    return {
        "reviewer": review.reviewer_name,
        "state": review.state,
        "scores": review.scores,
        "recommendation": review.recommendation,
        "summary": review.summary,
        "comments": review.comments,
        "savedAt": review.saved_at,
        "submittedAt": review.submitted_at,
        "original": review.original if review.is_changed else None,
        "assignedBy": review.assigned_by or None,
        "assignedAt": review.assigned_at,
    }


def _decision(decision: Decision, *, shows_reason: bool) -> dict[str, Any]:
    return {
        "number": decision.number,
        "outcome": decision.outcome,
        "reason": decision.reason if shows_reason else None,
        "decidedBy": decision.decided_by,
        "decidedAt": decision.decided_at,
    }
