"""Who may review, and who may see whose review.

A reviewer sees the other reviews once their own is submitted. Somebody who is no reviewer of the
submission sees them with the permission to decide. Nobody else does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from operations.reviews.models import Review

# `Permission.REVIEW` and `Permission.DECIDE` of the dashboard.
REVIEW = "dashboard.review_submissions"
DECIDE = "dashboard.decide_on_candidates"


@dataclass(frozen=True)
class Viewer:
    """Who looks: a person, or an API token, which has no `user_id`."""

    user_id: int | None
    may_review: bool = False
    may_decide: bool = False


@dataclass(frozen=True)
class VisibleReviews:
    """The reviews of an interview as a viewer may see them.

    `submitted` has the others' only if `shows_others`; `reviewers` has everybody, of whose rows
    only the name and whether they are assigned may be shown otherwise.
    """

    mine: Review | None
    shows_others: bool
    submitted: list[Review] = field(default_factory=list)
    reviewers: list[Review] = field(default_factory=list)


def is_reviewer(user: Any) -> bool:
    """True if the person may review submissions."""
    return bool(user.is_active and user.is_staff and user.has_perm(REVIEW))


def sees_others(mine: Review | None, viewer: Viewer) -> bool:
    return viewer.may_decide if mine is None else mine.is_submitted


def visible_reviews(interview_id: str, viewer: Viewer) -> VisibleReviews:
    """Return what the viewer may see of an interview's reviews, in one query."""
    return visible_reviews_of([interview_id], viewer)[interview_id]


def visible_reviews_of(interview_ids: Iterable[str], viewer: Viewer) -> dict[str, VisibleReviews]:
    """The same of several interviews, by their ids, in one query for all."""
    ids = list(interview_ids)
    if not (viewer.may_review or viewer.may_decide):
        return {each: VisibleReviews(None, shows_others=False) for each in ids}
    rows: dict[str, list[Review]] = {each: [] for each in ids}
    for row in Review.objects.filter(interview_id__in=ids):
        rows[row.interview_id].append(row)
    return {each: _visible(rows[each], viewer) for each in ids}


def _visible(rows: list[Review], viewer: Viewer) -> VisibleReviews:
    mine = next((row for row in rows if viewer.user_id and row.reviewer_id == viewer.user_id), None)
    shows_others = sees_others(mine, viewer)
    submitted = [row for row in rows if row.is_submitted and (shows_others or row is mine)]
    return VisibleReviews(mine, shows_others, submitted, rows)
