"""Schemas of a challenge's comparison in the staff API."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from interviews.schemas.fields import CAMEL_ANSWER


class CheckCountOut(Schema):
    """One check of a candidate's latest finished run."""

    check: str
    passed: int = Field(description="Tests")
    total: int
    problem: str | None = Field(description="A code of why it has no result of its own")


class ComparedOut(Schema):
    """A candidate who had a workspace, and ended."""

    model_config = CAMEL_ANSWER

    interview_id: str
    candidate_name: str
    challenge_version: int | None
    invited_by: str | None
    ended_at: datetime
    used_seconds: int | None = Field(description="In the workspace, without pauses; all sittings")
    given_seconds: int | None = Field(description="With all that staff added; all sittings")
    checks_passed: int | None = Field(
        description="Tests of the latest finished run of the checks; null without one"
    )
    checks_total: int | None
    checks_compared: bool | None = Field(
        description="False if nothing told which tests there had to be: no trial of the solution"
    )
    checks_version: int | None = Field(
        description="Of the challenge whose checks were run; null without a run"
    )
    checks: list[CheckCountOut]
    lines_added: int | None = Field(
        description="Since the starting files, from the progress; null if none was kept"
    )
    lines_deleted: int | None
    scores_hidden: bool = Field(description="You may not see the reviews, or whether there are any")
    reviews: int | None = Field(description="How many are submitted; null if hidden")
    weighted_mean: float | None
    spread: float | None = Field(
        description="Between the highest and the lowest weighted mean; null with fewer than two"
    )
    decision: str | None = Field(description="advance, hold or reject")


class CriterionSpreadOut(Schema):
    """The scores of a criterion, of all reviewers of all candidates whose reviews you may see."""

    criterion: str
    counts: dict[str, int] = Field(description="How often each score was given")
    flat: bool = Field(
        description="All scores are alike or neighbours: it hardly tells candidates apart"
    )


class CheckPassesOut(Schema):
    """How many candidates passed all tests of a check, of those on whom it was run."""

    check: str
    passed: int
    total: int


class DistributionOut(Schema):
    """How all candidates that match are spread, on whichever page they are."""

    model_config = CAMEL_ANSWER

    criteria: list[CriterionSpreadOut]
    checks: list[CheckPassesOut]
    time_used: list[int] = Field(
        description="Candidates who used up to a quarter of their time, up to half, up to three "
        "quarters, more, and all of it"
    )
    decisions: dict[str, int] = Field(
        description="Candidates by decision; none is those without one"
    )


class ComparisonOut(Schema):
    """A page of the candidates, and the distributions of all."""

    model_config = CAMEL_ANSWER

    items: list[ComparedOut]
    total: int
    pages: int
    not_begun: int = Field(description="Interviews that ended without having been started")
    bounded: bool = Field(description="There are older ones that were not compared")
    distribution: DistributionOut
