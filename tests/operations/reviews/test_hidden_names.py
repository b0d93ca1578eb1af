"""From whom a candidate's name is hidden."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.permissions.roles import INTERVIEWER, REVIEWER
from interviews.models import Interview
from operations.reviews import reviewers, scorecards
from operations.reviews.access import Viewer
from operations.reviews.hidden_names import hidden_from, pseudonym, shown_to, shown_to_person
from tests.conftest import fresh, member
from tests.reviewing import card, finish, submit

pytestmark = pytest.mark.django_db

TOKEN_OF_REVIEWER = Viewer(None, may_review=True)


@pytest.fixture
def submission(invite: Callable[..., Interview]) -> Interview:
    interview = invite(candidate_name="Ada", candidate_email="ada@example.com")
    reviewers.change_settings("word-count", [], in_turn=0, hides_names=True)
    return finish(interview)


@pytest.fixture
def rita(submission: Interview) -> User:
    return member("rita", REVIEWER)


def name_for(viewer: Viewer, interview: Interview) -> str:
    return str(shown_to(viewer, [interview])[0].candidate_name)


def test_hidden_until_ones_own_review_is_in(submission: Interview, rita: User) -> None:
    viewer = Viewer(rita.pk, may_review=True)
    submit(submission, member("otto", REVIEWER), 3, 3)
    assert name_for(viewer, submission) == pseudonym(submission.id) != "Ada"
    scorecards.save_draft(submission, rita, card(2, 2), version=0)
    assert name_for(viewer, submission) != "Ada"
    scorecards.submit_review(submission, rita, card(2, 2), version=1)
    assert name_for(viewer, submission) == "Ada"
    scorecards.reopen_review(submission, rita)
    assert name_for(viewer, submission) != "Ada"


def test_who_decides_or_scores_nobody_sees_it(submission: Interview) -> None:
    for viewer in (Viewer(1), Viewer(1, may_review=True, may_decide=True)):
        assert name_for(viewer, submission) == "Ada"
    assert name_for(TOKEN_OF_REVIEWER, submission) != "Ada"


def test_only_of_challenges_that_say_so(submission: Interview) -> None:
    reviewers.change_settings("word-count", [], in_turn=0, hides_names=False)
    assert name_for(TOKEN_OF_REVIEWER, submission) == "Ada"


def test_a_copy_without_a_name_is_never_written(submission: Interview) -> None:
    shown = shown_to(TOKEN_OF_REVIEWER, [submission])[0]
    assert not shown.candidate_email
    assert submission.candidate_name == "Ada"
    with pytest.raises(AssertionError):
        shown.change(feedback_text="x")
    assert fresh(submission).candidate_name == "Ada"


def test_person_who_is_written_to(submission: Interview, rita: User) -> None:
    assert shown_to_person(rita, submission).candidate_name == pseudonym(submission.id)
    assert shown_to_person(member("boss", INTERVIEWER), submission).candidate_name == "Ada"


def test_two_queries_for_many(submission: Interview, rita: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        hidden_from(Viewer(rita.pk, may_review=True), [submission] * 20)
    assert len(queries) == 2
