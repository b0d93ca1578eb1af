"""Schemas of reviews and decisions in the staff API."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from dashboard.api.schemas.challenges import CriterionOut
from interviews.schemas.fields import CAMEL, CAMEL_ANSWER, WholeNumber
from operations.reviews.schemas import ReviewInput


class ReviewIn(ReviewInput):
    """One's own scorecard. `version` is that of the saved one that it was made from."""

    version: Annotated[WholeNumber, Field(ge=0, lt=10**6, description="0 for the first draft")] = 0


class ScoreOut(Schema):
    criterion: str
    score: int | None
    note: str


class CommentOut(Schema):
    text: str
    where: str = Field(description="A path, or path:line; or empty")


class OriginalScoreOut(Schema):
    criterion: str
    score: int | None


class OriginalOut(Schema):
    """What a review said before it was changed after others' reviews could be seen."""

    model_config = CAMEL_ANSWER

    scores: list[OriginalScoreOut]
    weighted_mean: float | None
    recommendation: str


class ReviewOut(Schema):
    model_config = CAMEL_ANSWER

    reviewer: str
    state: str = Field(description="open, draft, submitted")
    version: int
    scores: list[ScoreOut]
    weighted_mean: float | None
    recommendation: str
    summary: str
    comments: list[CommentOut]
    saved_at: datetime | None
    submitted_at: datetime | None
    original: OriginalOut | None = Field(
        description="If a score or the recommendation was changed after others' reviews could be "
        "seen: what they were. Else null"
    )


class ReviewerOut(Schema):
    model_config = CAMEL_ANSWER

    reviewer: str
    assigned: bool
    state: str | None = Field(
        description="open, draft, submitted; null if you may not know it before you submit yours"
    )


class DecisionOut(Schema):
    model_config = CAMEL_ANSWER

    number: int
    outcome: str
    reason: str | None = Field(description="null if you may not see the reviews")
    decided_by: str
    decided_at: datetime


class ReviewsOut(Schema):
    """The reviews of an interview as you may see them. `reviews` are submitted; before yours is,
    it is empty, and `othersHidden` is true."""

    model_config = CAMEL_ANSWER

    reviewable: bool
    criteria: list[CriterionOut]
    mine: ReviewOut | None
    others_hidden: bool
    reviews: list[ReviewOut]
    weighted_mean: float | None
    reviewers: list[ReviewerOut]
    decision: DecisionOut | None
    earlier_decisions: list[DecisionOut]


class ReviewerIn(Schema):
    """The username of a person who may review."""

    reviewer: str


class WaitingReviewOut(Schema):
    """An assigned review that is not submitted; `state` only of your own."""

    model_config = CAMEL_ANSWER

    interview_id: str
    challenge: str
    candidate_name: str
    reviewer: str
    waiting_since: datetime
    state: str | None


class ReviewSettingsIn(Schema):
    """Who reviews submissions of a challenge that end from now on."""

    model_config = CAMEL

    reviewers: Annotated[list[str], Field(max_length=500, description="Usernames")]
    in_turn: Annotated[
        WholeNumber,
        Field(ge=0, description="How many of them get each submission, in turn; 0 for all"),
    ] = 0
    hides_names: bool = Field(
        False,
        description="Reviewers who may not decide see no names until they have submitted theirs",
    )


class ReviewSettingsOut(Schema):
    """Who reviews submissions of a challenge."""

    model_config = CAMEL_ANSWER

    reviewers: list[str]
    in_turn: int
    hides_names: bool
