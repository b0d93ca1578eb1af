"""A review that is changed in the knowledge of others' says what it scored before."""

import pytest
from django.contrib.auth.models import User

from dashboard.permissions.roles import REVIEWER
from interviews.models import Interview
from operations.reviews import scorecards
from operations.reviews.models import Review
from operations.reviews.records import review_records
from operations.reviews.summary import summarize
from tests.conftest import member
from tests.reviewing import CRITERIA, card, submit

pytestmark = pytest.mark.django_db


def change(submission: Interview, user: User, *scores: int, recommendation: str = "yes") -> Review:
    version = scorecards.reopen_review(submission, user).version
    changed = card(*scores, recommendation=recommendation)
    return scorecards.submit_review(submission, user, changed, version=version)


def test_scores_of_before_the_others_stay(submission: Interview, rita: User) -> None:
    submit(submission, rita, 2, 2)
    submit(submission, member("otto", REVIEWER), 4, 4)
    review = change(submission, rita, 4, 2)
    assert review.is_changed
    # The first ones, however often it is changed.
    review = change(submission, rita, 3, 2, recommendation="no")
    summary = summarize([review], CRITERIA)
    assert [(line.cells[0].score, line.cells[0].was) for line in summary.lines] == [
        (3, 2),
        (2, None),
    ]
    assert (summary.means, summary.original_means) == ([2.75], [2.0])
    assert summary.means_with_original == [(2.75, 2.0)]
    assert review_records(submission.id, None)["reviews"][0]["original"] == {
        "scores": [{"criterion": "Correctness", "score": 2}, {"criterion": "Tests", "score": 2}],
        "recommendation": "yes",
    }


def test_a_recommendation_is_kept_too(submission: Interview, rita: User) -> None:
    submit(submission, rita, 2, 2)
    submit(submission, member("otto", REVIEWER), 4, 4)
    review = change(submission, rita, 2, 2, recommendation="strong_yes")
    assert review.is_changed
    assert summarize([review], CRITERIA).means_with_original == [(2.0, None)]


def test_what_is_as_before_is_not_marked(submission: Interview, rita: User) -> None:
    submit(submission, rita, 2, 2)
    submit(submission, member("otto", REVIEWER), 4, 4)
    review = change(submission, rita, 3, 3)
    review = change(submission, rita, 2, 2)
    assert not review.is_changed
    assert summarize([review], CRITERIA).original_means == [None]
    assert review_records(submission.id, None)["reviews"][0]["original"] is None


def test_who_could_see_nothing_changed_on_their_own(submission: Interview, rita: User) -> None:
    submit(submission, rita, 2, 2)
    scorecards.save_draft(submission, member("otto", REVIEWER), card(4, 4), version=0)
    assert not change(submission, rita, 3, 3).is_changed
    otto = User.objects.get(username="otto")
    scorecards.submit_review(submission, otto, card(4, 4), version=1)
    # From here on it counts, also while the other one is a draft again.
    scorecards.reopen_review(submission, otto)
    review = change(submission, rita, 4, 4)
    assert review.original is not None
    assert [row["score"] for row in review.original["scores"]] == [3, 3]
