"""A comment that is added at a line goes to the own draft, by the rules of drafts."""

import pytest
from django.contrib.auth.models import User

from interviews.challenges.criteria import Criterion
from interviews.models import Interview
from operations.exceptions import InvalidInputError, WrongStateError
from operations.reviews import cases, scorecards
from operations.reviews.models import Review, ReviewState
from operations.reviews.schemas import MAX_COMMENTS, CommentInput
from operations.reviews.scorecards import ReviewConflictError
from tests.reviewing import card, set_criteria, submit

pytestmark = pytest.mark.django_db

WHY = CommentInput(text="Why?", where="src/app.py:42")


def test_it_begins_a_draft_and_keeps_its_criteria(submission: Interview, rita: User) -> None:
    review = scorecards.add_comment(submission, rita, WHY)
    assert (review.state, review.version) == (ReviewState.DRAFT, 1)
    assert review.comments == [{"text": "Why?", "where": "src/app.py:42"}]
    set_criteria(Criterion("Later", "", 1))
    assert [each.name for each in cases.criteria_of(submission)[0]] == ["Correctness", "Tests"]


def test_it_leaves_the_rest_of_the_draft(submission: Interview, rita: User) -> None:
    first = [{"text": "First", "where": ""}]
    scorecards.save_draft(submission, rita, card(3, 2, comments=first), version=0)
    review = scorecards.add_comment(submission, rita, WHY)
    assert [row["score"] for row in review.scores] == [3, 2]
    assert (review.recommendation, review.summary) == ("yes", "Solid.")
    assert [each["text"] for each in review.comments] == ["First", "Why?"]


def test_again_it_is_the_same_comment(submission: Interview, rita: User) -> None:
    scorecards.add_comment(submission, rita, WHY)
    assert scorecards.add_comment(submission, rita, WHY).version == 1
    assert len(Review.objects.get().comments) == 1


def test_an_outdated_scorecard_is_told_and_does_not_remove_it(
    submission: Interview, rita: User
) -> None:
    scorecards.save_draft(submission, rita, card(3), version=0)
    scorecards.add_comment(submission, rita, WHY)
    with pytest.raises(ReviewConflictError):
        scorecards.save_draft(submission, rita, card(4), version=1)
    assert Review.objects.get().comments[0]["text"] == "Why?"


@pytest.mark.parametrize(("races", "is_added"), [(2, True), (3, False)])
def test_it_goes_to_what_another_tab_saved_meanwhile(
    submission: Interview, rita: User, monkeypatch: pytest.MonkeyPatch, races: int, is_added: bool
) -> None:
    save, left = scorecards.save_draft, [races]

    def late(*args: object, version: int, **more: object) -> Review:
        if left[0]:
            left[0] -= 1
            save(submission, rita, card(left[0] + 1), version=version)
        return save(*args, version=version, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(scorecards, "save_draft", late)
    if is_added:
        scorecards.add_comment(submission, rita, WHY)
    else:
        with pytest.raises(ReviewConflictError):
            scorecards.add_comment(submission, rita, WHY)
    review = Review.objects.get()
    assert len(review.comments) == is_added
    assert review.scores[0]["score"] == 1


def test_a_submitted_review_gets_none(submission: Interview, rita: User) -> None:
    submit(submission, rita, 3, 4)
    with pytest.raises(WrongStateError):
        scorecards.add_comment(submission, rita, WHY)
    assert Review.objects.get().comments == []


def test_a_full_review_gets_none(submission: Interview, rita: User) -> None:
    many = [{"text": f"{number}", "where": ""} for number in range(MAX_COMMENTS)]
    scorecards.save_draft(submission, rita, card(3, comments=many), version=0)
    with pytest.raises(InvalidInputError):
        scorecards.add_comment(submission, rita, WHY)
    assert len(Review.objects.get().comments) == MAX_COMMENTS
