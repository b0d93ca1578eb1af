"""Submissions and scorecards for the tests of reviews."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User

from interviews.challenges import library, versions
from interviews.challenges.criteria import Criterion
from interviews.derived_keys import list_key_of
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.reviews import scorecards
from operations.reviews.models import Review
from operations.reviews.schemas import ReviewInput

CRITERIA = (Criterion("Correctness", "It works.", 3), Criterion("Tests", "", 1))


def set_criteria(*criteria: Criterion) -> None:
    """Save a version of the tests' challenge with these criteria."""
    current = library.get_version("word-count", None)
    assert current is not None
    about = replace(current.about, criteria=criteria)
    number = None if current.number is None else int(current.number)
    files = library.read_files(current)
    versions.save_version("word-count", about, files, base=number, by="ada")


def finish(interview: Interview, status: Status = Status.COMPLETED) -> Interview:
    """The interview after its end, written without the state machine."""
    interview.status = status
    interview.list_key = list_key_of(interview.type, status)
    interview.activated_at = interview.ready_at = interview.completed_at = now()
    interview.save()
    return interview


def card(*scores: int | None, recommendation: str = "yes", **fields: Any) -> ReviewInput:
    """A scorecard with a score for each of CRITERIA."""
    names = [each.name for each in CRITERIA]
    given = [
        {"criterion": name, "score": score, "note": f"Note on {name}"}
        for name, score in zip(names, scores, strict=False)
    ]
    return ReviewInput.model_validate(
        {"scores": given, "recommendation": recommendation, "summary": "Solid.", **fields}
    )


def submit(interview: Interview, user: User, *scores: int, **fields: Any) -> Review:
    return scorecards.submit_review(interview, user, card(*scores, **fields), version=0)
