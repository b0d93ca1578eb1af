"""Who sees whose review."""

from collections.abc import Callable

import pytest

from dashboard.permissions.roles import ADMINISTRATOR, REVIEWER
from interviews.models import Interview
from operations.reviews import scorecards
from operations.reviews.access import Viewer, VisibleReviews, visible_reviews
from operations.reviews.decisions import decide
from operations.reviews.records import review_records
from operations.reviews.schemas import DecisionInput
from tests.conftest import member
from tests.reviewing import CRITERIA, card, finish, set_criteria, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(invite: Callable[..., Interview]) -> Interview:
    """A submission that otto has reviewed."""
    interview = invite()
    set_criteria(*CRITERIA)
    finish(interview)
    submit(interview, member("otto", REVIEWER), 4, 4)
    return interview


def seen_by(interview: Interview, viewer: Viewer) -> tuple[bool, list[str]]:
    visible: VisibleReviews = visible_reviews(interview.id, viewer)
    return visible.shows_others, [each.reviewer_name for each in visible.submitted]


def test_a_reviewer_sees_the_others_once_theirs_is_in(submission: Interview) -> None:
    rita = member("rita", REVIEWER)
    viewer = Viewer(rita.pk, may_review=True)
    assert seen_by(submission, viewer) == (False, [])
    scorecards.save_draft(submission, rita, card(1, 1), version=0)
    assert seen_by(submission, viewer) == (False, [])
    scorecards.submit_review(submission, rita, card(1, 1), version=1)
    assert seen_by(submission, viewer) == (True, ["otto", "rita"])
    scorecards.reopen_review(submission, rita)
    assert seen_by(submission, viewer) == (False, [])


def test_an_administrator_sees_all_unless_they_review_it(submission: Interview) -> None:
    root = member("root", ADMINISTRATOR)
    viewer = Viewer(root.pk, may_review=True, may_decide=True)
    assert seen_by(submission, viewer) == (True, ["otto"])
    scorecards.save_draft(submission, root, card(1, 1), version=0)
    assert seen_by(submission, viewer) == (False, [])


def test_a_token_that_may_decide_sees_all_and_a_viewer_nothing(submission: Interview) -> None:
    token = Viewer(None, may_review=True, may_decide=True)
    assert seen_by(submission, token) == (True, ["otto"])
    viewer = visible_reviews(submission.id, Viewer(member("vera", "Viewer").pk))
    assert (viewer.shows_others, viewer.submitted, viewer.reviewers) == (False, [], [])


def test_an_export_has_no_more_than_the_pages(submission: Interview) -> None:
    decide(submission, DecisionInput(outcome="reject", reason="Weak tests."), by="ada")
    root = member("root", ADMINISTRATOR)
    scorecards.save_draft(submission, root, card(1, 1), version=0)
    viewer = Viewer(root.pk, may_review=True, may_decide=True)
    records = review_records(submission.id, viewer)
    assert [each["reviewer"] for each in records["reviews"]] == ["root"]
    assert [each["reason"] for each in records["decisions"]] == [None]
    assert records["reviewsLeftOut"] is True
    whole = review_records(submission.id, None)
    assert [each["reviewer"] for each in whole["reviews"]] == ["otto", "root"]
    assert [each["reason"] for each in whole["decisions"]] == ["Weak tests."]
    assert whole["reviewsLeftOut"] is False


def test_an_export_has_no_draft_of_another(submission: Interview) -> None:
    scorecards.save_draft(submission, member("rita", REVIEWER), card(1, 1), version=0)
    for viewer in (
        Viewer(member("root", ADMINISTRATOR).pk, may_review=True, may_decide=True),
        Viewer(None, may_review=True, may_decide=True),
    ):
        records = review_records(submission.id, viewer)
        assert [each["reviewer"] for each in records["reviews"]] == ["otto"]
        assert records["reviewsLeftOut"] is True
    whole = review_records(submission.id, None)
    assert [each["state"] for each in whole["reviews"]] == ["submitted", "draft"]
