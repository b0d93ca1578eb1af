"""View models of an interview's reviews: its card on the interview's page, and its own page."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from dashboard.permissions.reviewing import viewer_of
from dashboard.presenters.submissions.addresses import place_url
from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations.reviews import cases, decisions, reviewers
from operations.reviews.access import Viewer, VisibleReviews, visible_reviews
from operations.reviews.models import Decision, Outcome, Review, ReviewState
from operations.reviews.schemas import place_of
from operations.reviews.summary import Summary, summarize
from operations.submissions.service import archive_keys


@dataclass(frozen=True)
class CommentLine:
    """A comment as it is shown. The path is "" if it points nowhere, and `url` if there are no
    saved files to open."""

    text: str
    path: str
    line: int | None
    url: str


@dataclass(frozen=True)
class ReviewerLine:
    """A reviewer; `state` is "" for those who may not know how far the others are."""

    review: Review
    state: str
    is_me: bool
    can_unassign: bool = False


@dataclass(frozen=True)
class InterviewReviews:
    """The reviews of one interview as one person may see them."""

    interview: Interview
    viewer: Viewer
    visible: VisibleReviews
    decisions: list[Decision]
    is_reviewable: bool

    @property
    def mine(self) -> Review | None:
        return self.visible.mine

    @property
    def decision(self) -> Decision | None:
        return self.decisions[0] if self.decisions else None

    @property
    def shows_others(self) -> bool:
        return self.visible.shows_others

    @property
    def shows_reasons(self) -> bool:
        """A reason may quote the reviews."""
        return self.visible.shows_others

    @property
    def can_review(self) -> bool:
        """True if the viewer has a scorecard to fill in, now or already begun."""
        has_begun = self.mine is not None and self.mine.state != ReviewState.OPEN
        may = self.viewer.may_review and self.viewer.user_id is not None
        return may and (self.is_reviewable or has_begun)

    @property
    def can_write(self) -> bool:
        return self.can_review and not (self.mine is not None and self.mine.is_submitted)

    @property
    def is_asked(self) -> bool:
        """True if the page leads to the own scorecard, not to the others' reviews."""
        return self.can_write and not self.shows_others

    @property
    def can_reopen(self) -> bool:
        return self.mine is not None and self.mine.is_submitted and self.decision is None

    @property
    def can_decide(self) -> bool:
        return self.viewer.may_decide and self.is_over

    @property
    def is_over(self) -> bool:
        return self.interview.state in FINAL and not self.interview.is_dry_run

    @property
    def has_something(self) -> bool:
        """True if there is something to review, or decided, or to decide."""
        is_decided = self.decision is not None
        return self.is_over and (self.is_reviewable or is_decided or self.can_decide)

    @property
    def reviewers(self) -> list[ReviewerLine]:
        return [
            ReviewerLine(
                each,
                str(ReviewState(each.state).label) if self._knows_state(each) else "",
                each is self.mine,
                can_unassign=self.viewer.may_decide and self._may_be_unassigned(each),
            )
            for each in self.visible.reviewers
            # A draft that nobody was asked for is its writer's matter until it is in.
            if each.is_assigned or each in self.visible.submitted or each is self.mine
        ]

    @property
    def summary(self) -> Summary:
        criteria, _version = cases.criteria_of(self.interview)
        return summarize(self.visible.submitted, criteria)

    def _may_be_unassigned(self, review: Review) -> bool:
        """True for all who are assigned if the viewer may not know who has submitted."""
        is_done = self._knows_state(review) and review.is_submitted
        return review.is_assigned and not is_done

    def _knows_state(self, review: Review) -> bool:
        return self.shows_others or review is self.mine


def interview_reviews(request: HttpRequest, interview: Interview) -> InterviewReviews:
    viewer = viewer_of(request)
    return InterviewReviews(
        interview,
        viewer,
        visible_reviews(interview.id, viewer),
        decisions.decision_history(interview.id),
        cases.is_reviewable(interview),
    )


def assignable(sheet: InterviewReviews) -> list[User]:
    """The people whom the viewer may ask for a review."""
    if not sheet.viewer.may_decide or sheet.interview.is_dry_run:
        return []
    asked = {each.reviewer_id for each in sheet.visible.reviewers if each.is_assigned}
    return [user for user in reviewers.eligible_reviewers() if user.pk not in asked]


def place_link(where: str, interview: Interview) -> str:
    """The URL that a place of a comment leads to, or "" if it has none."""
    path, line = place_of(where.strip()) or ("", None)
    return place_url(interview, path, line) if path and archive_keys(interview) else ""


def comment_lines(review: Review, interview: Interview) -> list[CommentLine]:
    lines = []
    for each in review.comments:
        path, line = place_of(each["where"]) or ("", None)
        lines.append(CommentLine(each["text"], path, line, place_link(each["where"], interview)))
    return lines


def outcome_label(outcome: str) -> Any:
    """The word for an outcome, or its code if another version stored it."""
    return Outcome(outcome).label if outcome in Outcome.values else outcome
