"""The tables of reviews. Usernames are kept beside the user, who may be deleted."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_INTERVIEW_ID = 100
MAX_USERNAME = 150


class ReviewState(models.TextChoices):
    # Assigned, and nothing is written.
    OPEN = "open", _("Not started")
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")


class Recommendation(models.TextChoices):
    STRONG_YES = "strong_yes", _("Strong yes")
    YES = "yes", _("Yes")
    NO = "no", _("No")
    STRONG_NO = "strong_no", _("Strong no")


class Outcome(models.TextChoices):
    ADVANCE = "advance", _("Advance")
    HOLD = "hold", _("Hold")
    REJECT = "reject", _("Reject")


# The words of the scores. Four, so that none is in the middle.
SCORES: dict[int, Any] = {
    1: _("Weak"),
    2: _("Below expectations"),
    3: _("Meets expectations"),
    4: _("Exceeds expectations"),
}


class ReviewCase(models.Model):
    """What all reviews of one interview share."""

    interview_id = models.CharField(max_length=MAX_INTERVIEW_ID, primary_key=True)
    # The criteria since the first draft: `name`, `good` and `weight` of each. None before it.
    criteria = models.JSONField(null=True)
    # The version of the challenge that they are from.
    challenge_version = models.PositiveIntegerField(null=True)
    # When it could first be reviewed, and its challenge's reviewers were assigned.
    reviewable_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.interview_id


class Review(models.Model):
    """The scorecard of one reviewer, from the assignment on.

    `version` counts the writes to it, so that a write of an outdated tab is refused.
    """

    interview_id = models.CharField(max_length=MAX_INTERVIEW_ID, db_index=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="reviews"
    )
    reviewer_name = models.CharField(max_length=MAX_USERNAME)
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.OPEN)
    version = models.PositiveIntegerField(default=0)
    # `criterion` (its name), `score` (1 to 4 or None) and `note` of each criterion.
    scores = models.JSONField(default=list)
    recommendation = models.CharField(max_length=10, choices=Recommendation, blank=True)
    summary = models.TextField(blank=True)
    # `text` and `where`, which may name a file of the submission and a line: "src/app.py:42".
    comments = models.JSONField(default=list)
    # `scores` (`criterion` and `score`) and `recommendation` of before it could be changed in the
    # knowledge of others'; None until it is reopened when one could be seen.
    original = models.JSONField(null=True)
    saved_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    is_assigned = models.BooleanField(default=False)
    assigned_by = models.CharField(max_length=MAX_USERNAME, blank=True)
    assigned_at = models.DateTimeField(null=True)
    # Since when an assigned review can be written; None before the interview is over.
    waiting_since = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Review"]] = models.Manager()

    class Meta:
        default_permissions = ()
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("interview_id", "reviewer"), name="one_review_of_an_interview_each"
            )
        ]
        indexes = [models.Index(fields=("reviewer", "state"), name="review_queue")]

    def __str__(self) -> str:
        return f"{self.interview_id} {self.reviewer_name}: {self.state}"

    @property
    def is_submitted(self) -> bool:
        return self.state == ReviewState.SUBMITTED

    @property
    def is_changed(self) -> bool:
        """True if it scores or recommends otherwise than before others' could be seen."""
        return self.original is not None and self.original != original_of(self)

    @property
    def original_scores(self) -> list[dict[str, Any]]:
        """The scores of before if it is changed, and none otherwise."""
        return (
            list(self.original["scores"]) if self.original is not None and self.is_changed else []
        )


def original_of(review: Review) -> dict[str, Any]:
    """What a review scores and recommends, as `Review.original` keeps it."""
    scores = [{"criterion": row["criterion"], "score": row["score"]} for row in review.scores]
    return {"scores": scores, "recommendation": review.recommendation}


class Decision(models.Model):
    """A decision on a candidate. The one with the highest number holds; the others are history.

    Of two people who decide at once, one finds the number taken.
    """

    interview_id = models.CharField(max_length=MAX_INTERVIEW_ID)
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.TextField()
    decided_by = models.CharField(max_length=MAX_USERNAME)
    decided_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Decision"]] = models.Manager()

    class Meta:
        default_permissions = ()
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=("interview_id", "number"), name="one_decision_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.interview_id} {self.number}: {self.outcome}"


class ReviewSettings(models.Model):
    """How submissions of one challenge are reviewed. Without a row: by nobody in particular."""

    challenge_id = models.CharField(max_length=64, primary_key=True)
    reviewers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    # How many of them get each submission, in turn; 0 for all.
    in_turn = models.PositiveSmallIntegerField(default=0)
    # Whether they score before they see whose submission it is. An older version writes no value.
    hides_names = models.BooleanField(default=False, db_default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.challenge_id
