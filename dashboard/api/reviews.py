"""Reviews and decisions in the staff API, through the same actions as the pages."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from dashboard.api.auth import needs
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE
from dashboard.api.schemas.reviews import (
    ReviewerIn,
    ReviewIn,
    ReviewOut,
    ReviewSettingsIn,
    ReviewSettingsOut,
    ReviewsOut,
    WaitingReviewOut,
)
from dashboard.permissions.decorators import actor, username
from dashboard.permissions.reviewing import viewer_of
from dashboard.permissions.roles import Permission
from dashboard.presenters.reviews.page import InterviewReviews, ReviewerLine, interview_reviews
from dashboard.presenters.reviews.to_review import review_lines
from dashboard.shortcuts import challenge_or_404, interview_or_404
from interviews.challenges.criteria import Criterion
from interviews.models import Interview
from operations.exceptions import InvalidInputError, WrongStateError
from operations.reviews import cases, decisions, reviewers, scorecards, waiting
from operations.reviews.decisions import DecisionConflictError
from operations.reviews.models import Decision, Review
from operations.reviews.schemas import DecisionInput
from operations.reviews.scorecards import IncompleteReviewError, ReviewConflictError
from operations.reviews.summary import summarize

MAX_WAITING = 500

router = Router(by_alias=True, tags=["Reviews"])


@router.get("/interviews/{interview_id}/reviews", response={200: ReviewsOut, **REFUSED})
@needs(Permission.REVIEW)
def reviews(request: HttpRequest, interview_id: str) -> dict[str, Any]:
    """The reviews and the decision. The others' reviews are hidden until you submit yours; who is
    no reviewer of it needs the permission to decide."""
    return _reviews_out(request, interview_or_404(interview_id))


@router.put("/interviews/{interview_id}/reviews/mine", response={200: ReviewOut, **REFUSED_CHANGE})
@needs(Permission.REVIEW)
def save(request: HttpRequest, interview_id: str, body: ReviewIn) -> dict[str, Any]:
    """Save your draft. 409 if it was saved elsewhere since `version`, or is submitted."""
    interview = interview_or_404(interview_id)
    _refuse_tokens(request)
    try:
        review = scorecards.save_draft(interview, request.user, body, version=body.version)
    except ReviewConflictError as error:
        raise WrongStateError(_conflict(error)) from None
    return _review_out(review, cases.criteria_of(interview)[0])


@router.post(
    "/interviews/{interview_id}/reviews/mine/submit", response={200: ReviewOut, **REFUSED_CHANGE}
)
@needs(Permission.REVIEW)
def submit(request: HttpRequest, interview_id: str, body: ReviewIn) -> dict[str, Any]:
    """Submit your review: each criterion needs a score, and you a recommendation. If something is
    missing (422), what you sent is saved as a draft."""
    interview = interview_or_404(interview_id)
    _refuse_tokens(request)
    try:
        review = scorecards.submit_review(interview, request.user, body, version=body.version)
    except ReviewConflictError as error:
        raise WrongStateError(_conflict(error)) from None
    except IncompleteReviewError as error:
        # A dot would be no name of a field.
        raise InvalidInputError(error.field.partition(".")[0], error.message) from None
    return _review_out(review, cases.criteria_of(interview)[0])


@router.post(
    "/interviews/{interview_id}/reviews/mine/reopen", response={200: ReviewOut, **REFUSED_CHANGE}
)
@needs(Permission.REVIEW)
def reopen(request: HttpRequest, interview_id: str) -> dict[str, Any]:
    """Make your submitted review a draft again, until a decision is made."""
    interview = interview_or_404(interview_id)
    _refuse_tokens(request)
    review = scorecards.reopen_review(interview, request.user)
    return _review_out(review, cases.criteria_of(interview)[0])


@router.post("/interviews/{interview_id}/decision", response={201: ReviewsOut, **REFUSED_CHANGE})
@needs(Permission.DECIDE)
def decide(request: HttpRequest, interview_id: str, body: DecisionInput) -> Status[Any]:
    """Decide on the candidate, or change the decision. `base` is the `number` of the decision that
    you saw, 0 if there was none; 409 if there is a newer one."""
    interview = interview_or_404(interview_id)
    try:
        decisions.decide(interview, body, by=username(request))
    except DecisionConflictError as error:
        raise WrongStateError(
            _("%(name)s decided first. Look at the decision, and send its number as `base`.")
            % {"name": error.current.decided_by}
        ) from None
    return Status(201, _reviews_out(request, interview))


@router.post("/interviews/{interview_id}/reviewers", response={201: ReviewsOut, **REFUSED_CHANGE})
@needs(Permission.DECIDE)
def assign(request: HttpRequest, interview_id: str, body: ReviewerIn) -> Status[Any]:
    """Ask a person for a review. It may be done before the interview ends."""
    interview = interview_or_404(interview_id)
    people = {user.get_username(): user for user in reviewers.eligible_reviewers()}
    if body.reviewer not in people:
        raise InvalidInputError("reviewer", _("Nobody with this username may review."))
    reviewers.assign_reviewer(interview, people[body.reviewer], by=username(request))
    return Status(201, _reviews_out(request, interview))


@router.delete(
    "/interviews/{interview_id}/reviewers/{reviewer}", response={200: ReviewsOut, **REFUSED_CHANGE}
)
@needs(Permission.DECIDE)
def unassign(request: HttpRequest, interview_id: str, reviewer: str) -> dict[str, Any]:
    """Ask a person no longer. A draft stays; 409 if the review is submitted."""
    interview = interview_or_404(interview_id)
    rows = Review.objects.filter(interview_id=interview.id)
    # The stored name, which lists have, may be an earlier one, or of a deleted account.
    review = (
        rows.filter(reviewer__username=reviewer).first()
        or rows.filter(reviewer_name=reviewer).first()
    )
    if review is None:
        raise Http404(_("Review not found."))
    reviewers.unassign_reviewer(interview, review)
    return _reviews_out(request, interview)


@router.get("/reviews", response={200: list[WaitingReviewOut], **REFUSED})
@needs(Permission.REVIEW)
def to_review(request: HttpRequest, others: bool = False) -> list[dict[str, Any]]:
    """The assigned reviews that wait for you, the oldest first; with `others` those of everybody,
    for who may decide."""
    viewer = viewer_of(request)
    waits = waiting.waiting_reviews()
    if not (others and viewer.may_decide):
        waits = waits.filter(reviewer_id=viewer.user_id) if viewer.user_id else waits.none()
    return [
        {
            "interview_id": line.interview.id,
            "challenge": line.interview.challenge,
            "candidate_name": line.interview.candidate_name,
            "reviewer": line.review.reviewer_name,
            "waiting_since": line.review.waiting_since,
            "state": line.review.state if line.review.reviewer_id == viewer.user_id else None,
        }
        for line in review_lines(request, waits[:MAX_WAITING])
    ]


@router.get("/challenges/{challenge_id}/reviewers", response={200: ReviewSettingsOut, **REFUSED})
@needs(Permission.DECIDE)
def challenge_reviewers(request: HttpRequest, challenge_id: str) -> dict[str, Any]:
    """Who reviews submissions of a challenge."""
    return _settings_out(challenge_or_404(challenge_id).id)


@router.put(
    "/challenges/{challenge_id}/reviewers", response={200: ReviewSettingsOut, **REFUSED_CHANGE}
)
@needs(Permission.DECIDE)
def choose_reviewers(
    request: HttpRequest, challenge_id: str, body: ReviewSettingsIn
) -> dict[str, Any]:
    """Choose who reviews submissions that end from now on, and whether names are hidden."""
    challenge = challenge_or_404(challenge_id)
    people = {user.get_username(): user for user in reviewers.eligible_reviewers()}
    for name in body.reviewers:
        if name not in people:
            raise InvalidInputError(
                "reviewers", _("Nobody called %(name)s may review.") % {"name": name}
            )
    chosen = [people[name] for name in dict.fromkeys(body.reviewers)]
    if body.in_turn > len(chosen):
        raise InvalidInputError(
            "inTurn", _("Enter a number from 0 to %(most)s.") % {"most": len(chosen)}
        )
    reviewers.change_settings(
        challenge.id, chosen, in_turn=body.in_turn, hides_names=body.hides_names
    )
    return _settings_out(challenge.id)


def _settings_out(challenge_id: str) -> dict[str, Any]:
    row = reviewers.settings_of(challenge_id)
    chosen = [] if row._state.adding else row.reviewers.order_by("username")
    return {
        "reviewers": [user.get_username() for user in chosen],
        "in_turn": row.in_turn,
        "hides_names": row.hides_names,
    }


def _refuse_tokens(request: HttpRequest) -> None:
    if actor(request).is_token:
        raise WrongStateError(_("A token can't review. Sign in as a person."))


def _conflict(error: ReviewConflictError) -> str:
    return _("This review was saved elsewhere. Its version is now %(version)s.") % {
        "version": error.current.version
    }


def _reviews_out(request: HttpRequest, interview: Interview) -> dict[str, Any]:
    sheet = interview_reviews(request, interview)
    criteria, _seen = cases.criteria_of(interview)
    submitted = sheet.visible.submitted if sheet.shows_others else []
    decided = [_decision_out(each, sheet) for each in sheet.decisions]
    return {
        "reviewable": sheet.is_reviewable,
        "criteria": criteria,
        "mine": _review_out(sheet.mine, criteria) if sheet.mine is not None else None,
        "others_hidden": not sheet.shows_others,
        "reviews": [_review_out(each, criteria) for each in submitted],
        "weighted_mean": summarize(submitted, criteria).mean,
        "reviewers": [_reviewer_out(each) for each in sheet.reviewers],
        "decision": decided[0] if decided else None,
        "earlier_decisions": decided[1:],
    }


def _review_out(review: Review, criteria: tuple[Criterion, ...]) -> dict[str, Any]:
    summary = summarize([review], criteria)
    original = {**(review.original or {}), "weighted_mean": summary.original_means[0]}
    return {
        "reviewer": review.reviewer_name,
        "state": review.state,
        "version": review.version,
        "scores": review.scores,
        "weighted_mean": summary.mean,
        "recommendation": review.recommendation,
        "summary": review.summary,
        "comments": review.comments,
        "saved_at": review.saved_at,
        "submitted_at": review.submitted_at,
        "original": original if review.is_changed else None,
    }


def _reviewer_out(line: ReviewerLine) -> dict[str, Any]:
    return {
        "reviewer": line.review.reviewer_name,
        "assigned": line.review.is_assigned,
        "state": line.review.state if line.state else None,
    }


def _decision_out(decision: Decision, sheet: InterviewReviews) -> dict[str, Any]:
    return {
        "number": decision.number,
        "outcome": decision.outcome,
        "reason": decision.reason if sheet.shows_reasons else None,
        "decided_by": decision.decided_by,
        "decided_at": decision.decided_at,
    }
