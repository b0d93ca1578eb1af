"""Who reviews a submission: assigned by hand, or the reviewers of its challenge, all or in turn."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext as _

from interviews import queries
from interviews.dynamodb import now
from interviews.events import ReviewsChanged, publish
from interviews.models import Interview
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import WrongStateError
from operations.reviews import cases
from operations.reviews.access import REVIEW
from operations.reviews.cleanup import delete_reviews_of
from operations.reviews.models import Review, ReviewCase, ReviewSettings, ReviewState

# `assigned_by` of a challenge's reviewers.
SCHEDULE = "schedule"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def eligible_reviewers() -> list[User]:
    """The active people who may review, by username."""
    users = User.objects.with_perm(REVIEW, backend=BACKEND)
    return list(users.filter(is_staff=True).order_by("username"))


def assign_reviewer(interview: Interview, user: User, *, by: str) -> Review:
    """Ask a person for a review; repeating it changes nothing.

    Raises:
        WrongStateError: if the interview is a dry run, or was deleted.
    """
    if interview.is_dry_run:
        raise WrongStateError(_("A dry run isn't reviewed."))
    with transaction.atomic():
        review, is_new = _assign(interview, user, by)
        if is_new:
            audit.record(AuditAction.REVIEWER_ASSIGNED, interview.id, target=user.get_username())
    # It may have ended since it was read, and `note_end` not have seen this review.
    current = queries.get_interview(interview.id)
    if current is None:
        delete_reviews_of(interview.id)
        raise WrongStateError(_("The interview was deleted."))
    if cases.is_reviewable(current):
        Review.objects.filter(pk=review.pk, is_assigned=True, waiting_since=None).update(
            waiting_since=now()
        )
        review.refresh_from_db()
    publish(ReviewsChanged(interview_id=interview.id))
    return review


def unassign_reviewer(interview: Interview, review: Review) -> None:
    """Ask a person no longer; their draft stays.

    Raises:
        WrongStateError: if the review is submitted.
    """
    with transaction.atomic():
        rows = Review.objects.filter(pk=review.pk, is_assigned=True)
        opened = rows.filter(state=ReviewState.OPEN).delete()[0]
        drafts = rows.filter(state=ReviewState.DRAFT).update(is_assigned=False, waiting_since=None)
        if not opened + drafts:
            raise WrongStateError(_("This review is submitted already."))
        audit.record(AuditAction.REVIEWER_UNASSIGNED, interview.id, target=review.reviewer_name)
    publish(ReviewsChanged(interview_id=interview.id))


def note_end(interview: Interview) -> None:
    """Assign the challenge's reviewers once the interview can be reviewed; idempotent.

    A test that is reopened and ends again assigns nobody again, but who was assigned while it ran
    is asked now.
    """
    if not cases.is_reviewable(interview):
        return
    with transaction.atomic():
        ReviewCase.objects.get_or_create(pk=interview.id)
        at = now()
        assigned = Review.objects.filter(interview_id=interview.id, is_assigned=True)
        asked = assigned.filter(waiting_since=None).update(waiting_since=at)
        case = ReviewCase.objects.filter(pk=interview.id, reviewable_at=None)
        is_first = case.update(reviewable_at=at)
        if is_first:
            for user in _default_reviewers(str(interview.challenge)):
                _assign(interview, user, SCHEDULE)
    if queries.get_interview(interview.id) is None:
        # It was deleted meanwhile.
        delete_reviews_of(interview.id)
    elif asked or is_first:
        publish(ReviewsChanged(interview_id=interview.id))


def settings_of(challenge_id: str) -> ReviewSettings:
    """How submissions of the challenge are reviewed; an unsaved row if nobody chose."""
    found = ReviewSettings.objects.filter(pk=challenge_id).first()
    return found or ReviewSettings(challenge_id=challenge_id)


def change_settings(
    challenge_id: str, reviewers: Iterable[User], *, in_turn: int, hides_names: bool
) -> None:
    """Choose who reviews submissions that end from now on; `in_turn` is how many, 0 for all.

    `hides_names` also holds for those that have ended.
    """
    with transaction.atomic():
        row, _is_new = ReviewSettings.objects.update_or_create(
            pk=challenge_id, defaults={"in_turn": in_turn, "hides_names": hides_names}
        )
        row.reviewers.set(reviewers)
        names = ", ".join(user.get_username() for user in row.reviewers.order_by("username"))
        detail = f"{names or 'nobody'}; {f'{in_turn} in turn' if in_turn else 'all'}"
        if hides_names:
            detail += "; names hidden"
        audit.record(AuditAction.REVIEW_SETTINGS_CHANGED, target=challenge_id, detail=detail)


def _assign(interview: Interview, user: User, by: str) -> tuple[Review, bool]:
    at = now()
    review, _is_new = Review.objects.get_or_create(
        interview_id=interview.id,
        reviewer=user,
        defaults={"reviewer_name": user.get_username()},
    )
    changes: dict[str, Any] = {"is_assigned": True, "assigned_by": by, "assigned_at": at}
    if cases.is_reviewable(interview):
        changes["waiting_since"] = at
    is_new = Review.objects.filter(pk=review.pk, is_assigned=False).update(**changes)
    review.refresh_from_db()
    return review, bool(is_new)


def _default_reviewers(challenge_id: str) -> list[User]:
    """The challenge's reviewers, or those whose turn it is: the fewest open, the longest ago.

    Within the caller's transaction, whose end the next submission waits for: of many that end at
    once, each would find it the turn of the same people.
    """
    row = ReviewSettings.objects.select_for_update().filter(pk=challenge_id).first()
    if row is None:
        return []
    unfinished = Q(reviews__is_assigned=True) & ~Q(reviews__state=ReviewState.SUBMITTED)
    eligible = [user.pk for user in eligible_reviewers()]
    users = row.reviewers.filter(pk__in=eligible).annotate(
        open_reviews=Count("reviews", filter=unfinished),
        last_assigned=Max("reviews__assigned_at"),
    )
    ordered = users.order_by("open_reviews", F("last_assigned").asc(nulls_first=True), "pk")
    return list(ordered[: row.in_turn] if row.in_turn else ordered)
