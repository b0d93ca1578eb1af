"""Drafts, submitting and reopening: nothing is lost, and nothing is overwritten."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from dashboard.permissions.roles import REVIEWER
from interviews.challenges.criteria import Criterion
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.audit import Channel, Origin, acting_as
from operations.audit.models import AuditEntry
from operations.exceptions import WrongStateError
from operations.reviews import cases, decisions, reviewers, scorecards
from operations.reviews.models import Review, ReviewState
from operations.reviews.schemas import DecisionInput, ReviewInput
from operations.reviews.scorecards import IncompleteReviewError, ReviewConflictError
from tests.conftest import member
from tests.fakes import FakeStream
from tests.reviewing import CRITERIA, card, finish, set_criteria, submit

pytestmark = pytest.mark.django_db


def test_a_draft_may_lack_everything_and_goes_on(submission: Interview, rita: User) -> None:
    first = scorecards.save_draft(submission, rita, card(recommendation=""), version=0)
    assert (first.state, first.version) == (ReviewState.DRAFT, 1)
    second = scorecards.save_draft(submission, rita, card(3, None), version=1)
    assert [row["score"] for row in second.scores] == [3, None]
    assert Review.objects.count() == 1


def test_an_outdated_tab_overwrites_nothing(submission: Interview, rita: User) -> None:
    scorecards.save_draft(submission, rita, card(3), version=0)
    scorecards.save_draft(submission, rita, card(4), version=1)
    with pytest.raises(ReviewConflictError) as caught:
        scorecards.save_draft(submission, rita, card(1), version=1)
    assert caught.value.current.version == 2
    assert Review.objects.get().scores[0]["score"] == 4


def test_a_repeated_save_is_no_conflict(submission: Interview, rita: User) -> None:
    scorecards.save_draft(submission, rita, card(3), version=0)
    assert scorecards.save_draft(submission, rita, card(3), version=0).version == 1


def test_a_repeated_submit_is_the_same_review(submission: Interview, rita: User) -> None:
    with acting_as(Origin("rita", Channel.PAGE)):
        first = submit(submission, rita, 3, 4)
        again = submit(submission, rita, 3, 4)
    assert (again.pk, again.submitted_at) == (first.pk, first.submitted_at)
    assert AuditEntry.objects.count() == 1
    with pytest.raises(WrongStateError):
        submit(submission, rita, 1, 4)


def test_a_reviewer_who_is_removed_while_they_save_is_told(
    submission: Interview, rita: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = reviewers.assign_reviewer(submission, rita, by="ada")
    pin = cases.pin_criteria

    def remove_and_pin(interview: Interview, seen: int | None) -> Any:
        reviewers.unassign_reviewer(interview, asked)
        return pin(interview, seen)

    monkeypatch.setattr(cases, "pin_criteria", remove_and_pin)
    with pytest.raises(WrongStateError, match="just changed this"):
        scorecards.save_draft(submission, rita, card(3), version=0)


def test_an_unknown_version_pins_the_current_criteria(submission: Interview, rita: User) -> None:
    review = scorecards.save_draft(submission, rita, card(3, 4), version=0, seen=12345678)
    assert [row["score"] for row in review.scores] == [3, 4]


@pytest.mark.parametrize(
    ("status", "is_begun", "expected"),
    [
        (Status.COMPLETED, True, True),
        (Status.REVOKED, True, True),
        (Status.EXPIRED, False, False),
        (Status.ACTIVE, True, False),
    ],
)
def test_what_was_begun_and_is_over_can_be_reviewed(
    take_home: Interview, status: Status, is_begun: bool, expected: bool
) -> None:
    finish(take_home, status)
    if not is_begun:
        take_home.ready_at = None
    assert cases.is_reviewable(take_home) is expected


def test_what_runs_is_not_reviewed(running: Interview, rita: User) -> None:
    with pytest.raises(WrongStateError):
        scorecards.save_draft(running, rita, card(3), version=0)
    assert not Review.objects.exists()


def test_a_draft_is_saved_while_the_test_is_open_again(submission: Interview, rita: User) -> None:
    scorecards.save_draft(submission, rita, card(3), version=0)
    finish(submission, Status.ACTIVE)
    assert scorecards.save_draft(submission, rita, card(4), version=1).version == 2
    with pytest.raises(WrongStateError):
        scorecards.submit_review(submission, rita, card(4, 4), version=2)


def test_what_is_missing_is_named_and_the_rest_saved(submission: Interview, rita: User) -> None:
    comments = [{"text": "", "where": "a.py"}, {"text": "Why?", "where": "../etc"}]
    wanted = card(3, recommendation="", comments=comments)
    with pytest.raises(IncompleteReviewError) as caught:
        scorecards.submit_review(submission, rita, wanted, version=0)
    assert list(caught.value.missing) == [
        "scores.Tests",
        "recommendation",
        "comments.0.text",
        "comments.1.where",
    ]
    saved = Review.objects.get()
    assert (saved.state, saved.version, saved.scores[0]["score"]) == (ReviewState.DRAFT, 1, 3)


def test_a_submitted_review_is_final_until_its_writer_reopens_it(
    submission: Interview, rita: User
) -> None:
    with acting_as(Origin("rita", Channel.PAGE)):
        submit(submission, rita, 3, 4)
        with pytest.raises(WrongStateError):
            scorecards.save_draft(submission, rita, card(1, 1), version=1)
        assert scorecards.reopen_review(submission, rita).state == ReviewState.DRAFT
        scorecards.submit_review(submission, rita, card(2, 2), version=1)
    codes = AuditEntry.objects.order_by("pk").values_list("what", "detail")
    assert list(codes) == [
        ("review_submitted", ""),
        ("review_reopened", ""),
        ("review_submitted", ""),
    ]


def test_after_a_decision_no_review_is_reopened(submission: Interview, rita: User) -> None:
    submit(submission, rita, 3, 4)
    wanted = DecisionInput(outcome="advance", reason="Good.")
    decisions.decide(submission, wanted, by="ada")
    with pytest.raises(WrongStateError):
        scorecards.reopen_review(submission, rita)
    assert Review.objects.get().is_submitted


def test_a_review_keeps_the_criteria_that_it_was_begun_with(
    submission: Interview, rita: User
) -> None:
    scorecards.save_draft(submission, rita, card(3, 4), version=0)
    set_criteria(Criterion("Speed"))
    assert cases.criteria_of(submission)[0] == CRITERIA
    submitted = scorecards.submit_review(submission, rita, card(3, 4), version=1)
    assert [row["criterion"] for row in submitted.scores] == ["Correctness", "Tests"]


def test_the_first_draft_keeps_the_criteria_that_its_writer_saw(
    submission: Interview, rita: User
) -> None:
    _criteria, seen = cases.criteria_of(submission)
    set_criteria(Criterion("Speed"))
    review = scorecards.save_draft(submission, rita, card(3, 4), version=0, seen=seen)
    assert [row["score"] for row in review.scores] == [3, 4]


def test_a_note_on_a_criterion_that_is_gone_is_kept(submission: Interview, rita: User) -> None:
    _criteria, seen = cases.criteria_of(submission)
    set_criteria(Criterion("Tests"))
    scorecards.save_draft(submission, member("otto", REVIEWER), card(recommendation=""), version=0)
    review = scorecards.save_draft(submission, rita, card(3, 4), version=0, seen=seen)
    assert review.scores == [{"criterion": "Tests", "score": 4, "note": "Note on Tests"}]
    assert review.summary == "Solid.\n\nCorrectness: Note on Correctness"


def test_kept_notes_leave_the_summary_as_long_as_a_form_takes(
    submission: Interview, rita: User
) -> None:
    set_criteria(Criterion("Speed"))
    review = scorecards.save_draft(submission, rita, card(3, 4, summary="x" * 4_990), version=0)
    assert review.summary == "x" * 4_990 + "\n\nCorrectn"
    again = ReviewInput(summary=review.summary)
    assert scorecards.save_draft(submission, rita, again, version=1).version == 2


def test_events_say_that_something_changed_and_no_more(
    submission: Interview, rita: User, stream: FakeStream
) -> None:
    stream.entries.clear()
    scorecards.save_draft(submission, rita, card(3, 4), version=0)
    assert stream.entries == []
    scorecards.submit_review(submission, rita, card(3, 4), version=1)
    assert [entry["name"] for entry in stream.entries] == ["review"]
    assert stream.events_named("review") == [{"interviewId": submission.id}]
