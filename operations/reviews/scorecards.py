"""Writing one's own review: drafts, submitting it, and reopening it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from interviews.challenges.criteria import Criterion
from interviews.dynamodb import now
from interviews.events import ReviewsChanged, publish
from interviews.models import Interview
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import CONFLICT_MESSAGE, InvalidInputError, WrongStateError
from operations.reviews import cases, decisions, messages, places
from operations.reviews.late_writes import refuse_if_deleted
from operations.reviews.models import Review, ReviewState, original_of
from operations.reviews.schemas import (
    MAX_COMMENTS,
    MAX_SUMMARY,
    CommentInput,
    ReviewInput,
    place_of,
)

# How often a comment is added again after another tab saved the draft first.
ADD_ATTEMPTS = 3


class ReviewConflictError(Exception):
    """The review was saved in another tab since this one read it; `current` is the saved one."""

    def __init__(self, current: Review) -> None:
        super().__init__(current)
        self.current = current


class IncompleteReviewError(InvalidInputError):
    """A review lacks something to be submitted; `missing` has a message by field."""

    def __init__(self, missing: dict[str, str]) -> None:
        field, message = next(iter(missing.items()))
        super().__init__(field, message)
        self.missing = missing


def review_of(interview_id: str, user: Any) -> Review | None:
    return Review.objects.filter(interview_id=interview_id, reviewer=user).first()


def save_draft(
    interview: Interview, user: Any, card: ReviewInput, *, version: int, seen: int | None = None
) -> Review:
    """Save the person's draft; `version` is the one that they started from, 0 for a new one.

    `seen` is the version of the challenge whose criteria they saw, which the first draft keeps.

    Raises:
        ReviewConflictError: if another tab saved it first; then nothing is written.
        WrongStateError: if it is submitted, or the interview is not over yet or was deleted.
    """
    with transaction.atomic():
        review = _write(interview, user, card, version, seen)
    refuse_if_deleted(interview)
    return review


def add_comment(interview: Interview, user: Any, comment: CommentInput) -> Review:
    """Add a comment to the person's draft, which is begun with it if there is none.

    One that the draft has already is not added again: the answer to it may have been lost.

    Raises:
        InvalidInputError: if the draft has as many comments as it may.
        ReviewConflictError: if other tabs saved it each time this was tried.
        WrongStateError: if it is submitted, or the interview is not over yet or was deleted.
    """
    for _attempt in range(ADD_ATTEMPTS - 1):
        # What another tab saved stays, so the comment goes to it.
        with suppress(ReviewConflictError):
            return _add_comment(interview, user, comment)
    return _add_comment(interview, user, comment)


def _add_comment(interview: Interview, user: Any, comment: CommentInput) -> Review:
    review = review_of(interview.id, user)
    values = _values_of(review)
    if review is not None and not review.is_submitted and comment.stored() in review.comments:
        return review
    if len(values["comments"]) >= MAX_COMMENTS:
        raise InvalidInputError(
            "text", _("A review has at most %(most)s comments.") % {"most": MAX_COMMENTS}
        )
    values["comments"] = [*values["comments"], comment.stored()]
    card = ReviewInput.model_validate(values)
    return save_draft(interview, user, card, version=review.version if review else 0)


def _values_of(review: Review | None) -> dict[str, Any]:
    """A stored draft as the input that it was."""
    if review is None:
        return {"comments": []}
    names = ("scores", "recommendation", "summary", "comments")
    return {name: getattr(review, name) for name in names}


def submit_review(
    interview: Interview, user: Any, card: ReviewInput, *, version: int, seen: int | None = None
) -> Review:
    """Save the person's review and hand it in; from now on they see the others.

    Raises:
        IncompleteReviewError: if a score or the recommendation is missing, or a comment points at
            what the submission does not have. It is saved as a draft.
        ReviewConflictError: if another tab saved it first; then nothing is written.
        WrongStateError: if it is submitted already, unless as this very card; or if the
            interview is not over or was deleted.
    """
    done = review_of(interview.id, user)
    if done is not None and done.is_submitted and _is_written(done, interview, card, version, seen):
        # It succeeded before, and its answer was lost.
        return done
    if not cases.is_reviewable(interview):
        raise WrongStateError(_not_over())
    # Before the transaction, as it reads from the store.
    wrong = places.wrong_places(interview, [each.where for each in card.comments])
    with transaction.atomic():
        review = _write(interview, user, card, version, seen)
        missing = missing_fields(review, cases.pin_criteria(interview, seen), wrong)
        if not missing:
            at = now()
            review.state, review.submitted_at = ReviewState.SUBMITTED, at
            review.save(update_fields=["state", "submitted_at"])
            messages.queue_review_submitted(interview, review)
            audit.record(AuditAction.REVIEW_SUBMITTED, interview.id)
    refuse_if_deleted(interview)
    if missing:
        raise IncompleteReviewError(missing)
    publish(ReviewsChanged(interview_id=interview.id))
    return review


def reopen_review(interview: Interview, user: Any) -> Review:
    """Make the person's submitted review a draft again; the others are hidden until it is in.

    If the person could see another review, what they scored before is kept and stays to be seen.

    Raises:
        WrongStateError: if it is not submitted, or somebody decided already.
    """
    with transaction.atomic():
        # A decision that is made at the same time waits, or is found here.
        cases.lock_case(interview.id)
        decision = decisions.latest_decision(interview.id)
        if decision is not None:
            raise WrongStateError(_("A decision was made, so reviews can't be changed any more."))
        rows = Review.objects.filter(interview_id=interview.id)
        mine = rows.filter(reviewer=user, state=ReviewState.SUBMITTED)
        review = mine.first()
        # One that is a draft again could be seen as well.
        others = rows.exclude(reviewer=user).filter(submitted_at__isnull=False)
        changes: dict[str, Any] = {"state": ReviewState.DRAFT}
        if review is not None and review.original is None and others.exists():
            changes["original"] = original_of(review)
        if not mine.update(**changes):
            raise WrongStateError(_("This review isn't submitted."))
        audit.record(AuditAction.REVIEW_REOPENED, interview.id)
    refuse_if_deleted(interview)
    publish(ReviewsChanged(interview_id=interview.id))
    return Review.objects.get(interview_id=interview.id, reviewer=user)


def missing_fields(
    review: Review, criteria: Iterable[Criterion], wrong: Mapping[str, str]
) -> dict[str, str]:
    """What keeps a review from being submitted: messages by field; `wrong` has those of places.

    The fields are `scores.NAME`, `recommendation`, `comments.NUMBER.text` and `.where`.
    """
    scored = {row["criterion"] for row in review.scores if row["score"] is not None}
    missing = {
        f"scores.{each.name}": _("Choose a score for “%(name)s”.") % {"name": each.name}
        for each in criteria
        if each.name not in scored
    }
    if not review.recommendation:
        missing["recommendation"] = _("Choose a recommendation.")
    for position, comment in enumerate(review.comments):
        if not comment["text"]:
            missing[f"comments.{position}.text"] = _("Write the comment, or remove it.")
        if place_of(comment["where"]) is None:
            missing[f"comments.{position}.where"] = _(
                "Enter a file and a line, such as src/app.py:42."
            )
        elif comment["where"] in wrong:
            missing[f"comments.{position}.where"] = wrong[comment["where"]]
    return missing


def _write(
    interview: Interview, user: Any, card: ReviewInput, version: int, seen: int | None
) -> Review:
    review = review_of(interview.id, user)
    # A draft may be written on while the candidate works again in a test that was reopened.
    if review is None or review.state == ReviewState.OPEN:
        if not cases.is_reviewable(interview):
            raise WrongStateError(_not_over())
        review = review or _create(interview, user)
    if review.is_submitted:
        raise WrongStateError(_("You submitted this review. Reopen it to change it."))
    if _is_written(review, interview, card, version, seen):
        # The write succeeded before, and its answer was lost.
        return review
    changes = _changes(card, cases.pin_criteria(interview, seen))
    changes |= {"state": ReviewState.DRAFT, "version": version + 1, "saved_at": now()}
    written = Review.objects.filter(
        pk=review.pk, version=version, state__in=(ReviewState.OPEN, ReviewState.DRAFT)
    ).update(**changes)
    try:
        review.refresh_from_db()
    except Review.DoesNotExist:
        # The person was removed as a reviewer meanwhile.
        raise WrongStateError(str(CONFLICT_MESSAGE)) from None
    if not written:
        raise ReviewConflictError(review)
    return review


def _create(interview: Interview, user: Any) -> Review:
    try:
        with transaction.atomic():
            return Review.objects.create(
                interview_id=interview.id, reviewer=user, reviewer_name=user.get_username()
            )
    except IntegrityError:
        # Another tab was first.
        return Review.objects.get(interview_id=interview.id, reviewer=user)


def _changes(card: ReviewInput, criteria: Iterable[Criterion]) -> dict[str, Any]:
    scores, summary = _fit(card, criteria)
    return {
        "scores": scores,
        "recommendation": card.recommendation,
        "summary": summary,
        "comments": card.stored_comments(),
    }


def _is_written(
    review: Review, interview: Interview, card: ReviewInput, version: int, seen: int | None
) -> bool:
    """True if the review is what saving this card from that version made of it."""
    if review.version != version + 1:
        return False
    changes = _changes(card, cases.criteria_of(interview, seen)[0])
    return all(getattr(review, name) == value for name, value in changes.items())


def _fit(card: ReviewInput, criteria: Iterable[Criterion]) -> tuple[list[dict[str, Any]], str]:
    """The scores in the order of the criteria, and the summary.

    A note on a criterion that these no longer have goes to the end of the summary, as far as there
    is room: the form would be refused with a longer one.
    """
    given = {each.criterion: each for each in card.scores}
    scores = []
    for criterion in criteria:
        each = given.pop(criterion.name, None)
        score, note = (each.score, each.note) if each is not None else (None, "")
        scores.append({"criterion": criterion.name, "score": score, "note": note})
    left = [f"{each.criterion}: {each.note}" for each in given.values() if each.note]
    return scores, "\n\n".join([card.summary, *left])[:MAX_SUMMARY].strip()


def _not_over() -> str:
    return _("Reviews begin once the candidate has finished.")
