"""Assigning reviewers, by hand and in turn; what waits for whom, and the reminder of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet

from dashboard.permissions.roles import REVIEWER, VIEWER
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.exceptions import WrongStateError
from operations.mail.models import Message
from operations.reviews import decisions, reviewers, scorecards, waiting
from operations.reviews.models import Review, ReviewState
from operations.reviews.schemas import DecisionInput
from operations.webhooks import outbox_relay
from tests.conftest import fresh, member
from tests.reviewing import card, finish, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def otto() -> User:
    return member("otto", REVIEWER)


@pytest.fixture
def mail(settings: Any) -> None:
    settings.MAIL_IS_ON = True
    settings.REVIEW_REMINDER_DAYS = 3


def names(interview: Interview) -> list[str]:
    rows = Review.objects.filter(interview_id=interview.id, is_assigned=True)
    return sorted(rows.values_list("reviewer_name", flat=True))


def wait_since(days: int) -> None:
    Review.objects.update(waiting_since=now() - timedelta(days=days))


def test_of_two_submissions_that_end_at_once_one_waits_for_the_others_turn(
    take_home: Interview, rita: User, otto: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewers.change_settings(str(take_home.challenge), [rita, otto], in_turn=1, hides_names=False)
    steps: list[str] = []
    lock, read = QuerySet.select_for_update, reviewers.eligible_reviewers

    def note_lock(rows: Any, **options: Any) -> Any:
        steps.append(f"lock {rows.model.__name__}")
        return lock(rows, **options)

    def note_read() -> list[User]:
        steps.append("read")
        return read()

    monkeypatch.setattr(QuerySet, "select_for_update", note_lock)
    monkeypatch.setattr(reviewers, "eligible_reviewers", note_read)
    reviewers.note_end(finish(take_home))
    assert steps == ["lock ReviewSettings", "read"]
    assert len(names(take_home)) == 1


def test_assigned_before_the_end_it_waits_from_the_end_on(take_home: Interview, rita: User) -> None:
    reviewers.assign_reviewer(take_home, rita, by="ada")
    assert not waiting.waiting_for(rita).exists()
    reviewers.note_end(finish(take_home))
    assert [each.interview_id for each in waiting.waiting_for(rita)] == [take_home.id]


def test_count_is_that_of_the_reviews_that_wait_for_the_person(
    take_home: Interview, rita: User
) -> None:
    other = User.objects.create_user("other", is_staff=True)
    assert waiting.count_waiting_for(rita) == 0
    reviewers.assign_reviewer(take_home, rita, by="ada")
    assert waiting.count_waiting_for(rita) == 0
    reviewers.note_end(finish(take_home))
    assert waiting.count_waiting_for(rita) == waiting.waiting_for(rita).count() == 1
    assert waiting.count_waiting_for(other) == 0
    decisions.decide(
        fresh(take_home), DecisionInput(outcome="reject", reason="Because.", base=0), by="ada"
    )
    assert waiting.count_waiting_for(rita) == waiting.waiting_for(rita).count() == 0


def test_assigned_while_a_reopened_test_runs_it_waits_from_the_next_end_on(
    take_home: Interview, rita: User
) -> None:
    reviewers.note_end(finish(take_home))
    finish(take_home, Status.ACTIVE)
    reviewers.assign_reviewer(take_home, rita, by="ada")
    assert not waiting.waiting_for(rita).exists()
    reviewers.note_end(finish(take_home))
    assert [each.interview_id for each in waiting.waiting_for(rita)] == [take_home.id]


def test_assigned_at_the_moment_of_the_end_it_waits(running: Interview, rita: User) -> None:
    as_read = fresh(running)
    reviewers.note_end(finish(running))
    assert reviewers.assign_reviewer(as_read, rita, by="ada").waiting_since is not None
    assert [each.interview_id for each in waiting.waiting_for(rita)] == [running.id]


def test_assigning_twice_changes_nothing(take_home: Interview, rita: User) -> None:
    first = reviewers.assign_reviewer(take_home, rita, by="ada")
    again = reviewers.assign_reviewer(take_home, rita, by="otto")
    assert (again.pk, again.assigned_by) == (first.pk, "ada")


def test_unassigning_keeps_a_draft_and_not_a_submitted_review(
    take_home: Interview, rita: User, otto: User
) -> None:
    finish(take_home)
    untouched = reviewers.assign_reviewer(take_home, otto, by="ada")
    reviewers.unassign_reviewer(take_home, untouched)
    assert not Review.objects.exists()
    begun = reviewers.assign_reviewer(take_home, rita, by="ada")
    scorecards.save_draft(take_home, rita, card(recommendation=""), version=0)
    reviewers.unassign_reviewer(take_home, begun)
    kept = Review.objects.get()
    assert (kept.state, kept.is_assigned, kept.summary) == (ReviewState.DRAFT, False, "Solid.")
    assert not waiting.waiting_for(rita).exists()
    scorecards.submit_review(take_home, rita, card(), version=1)
    with pytest.raises(WrongStateError):
        reviewers.unassign_reviewer(take_home, kept)


def test_the_relay_assigns_the_challenges_reviewers_once(
    take_home: Interview, rita: User, otto: User
) -> None:
    reviewers.change_settings(
        "word-count", [rita, otto, member("vera", VIEWER)], in_turn=0, hides_names=False
    )
    finish(take_home)
    outbox_relay.relay_changes(take_home.id)
    assert names(take_home) == ["otto", "rita"]
    reviewers.unassign_reviewer(take_home, Review.objects.get(reviewer=rita))
    reviewers.note_end(fresh(take_home))
    assert names(take_home) == ["otto"]


def test_in_turn_it_is_who_has_the_fewest_open_and_waited_longest(
    invite: Callable[..., Interview], rita: User, otto: User
) -> None:
    reviewers.change_settings("word-count", [rita, otto], in_turn=1, hides_names=False)
    tests = [finish(invite(candidate_name=f"Ada {n}")) for n in range(4)]
    for test in tests[:2]:
        reviewers.note_end(test)
    assert [names(test) for test in tests[:2]] == [["rita"], ["otto"]]
    submit(tests[1], otto)
    reviewers.note_end(tests[2])
    assert names(tests[2]) == ["otto"]
    submit(tests[0], rita)
    submit(tests[2], otto)
    # Nobody has an open one: rita was assigned longer ago.
    reviewers.note_end(tests[3])
    assert names(tests[3]) == ["rita"]


def test_a_closing_decision_ends_the_wait_and_hold_does_not(
    take_home: Interview, rita: User
) -> None:
    finish(take_home)
    reviewers.assign_reviewer(take_home, rita, by="ada")
    for number, (outcome, waits) in enumerate(
        [("hold", True), ("reject", False), ("hold", True), ("advance", False)]
    ):
        wanted = DecisionInput(outcome=outcome, reason="Because.", base=number)
        decisions.decide(take_home, wanted, by="ada")
        assert waiting.waiting_for(rita).exists() is waits, outcome


@pytest.mark.usefixtures("mail")
def test_a_reviewer_is_reminded_once_in_a_period_without_names(
    take_home: Interview, rita: User
) -> None:
    User.objects.filter(pk=rita.pk).update(email="rita@example.com")
    reviewers.assign_reviewer(finish(take_home), rita, by="ada")
    wait_since(2)
    waiting.remind_reviewers()
    assert not Message.objects.exists()
    wait_since(4)
    waiting.remind_reviewers()
    waiting.remind_reviewers()
    message = Message.objects.get()
    assert (message.to, message.subject) == ("rita@example.com", "1 review is waiting")
    assert "4 days" in message.text
    assert "/reviews/" in message.text
    assert take_home.candidate_name not in message.text
    Review.objects.update(reminded_at=now() - timedelta(days=3))
    waiting.remind_reviewers()
    assert Message.objects.count() == 2


@pytest.mark.usefixtures("mail")
def test_killed_in_the_middle_nothing_is_marked_without_its_email(
    take_home: Interview, rita: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=rita.pk).update(email="rita@example.com")
    reviewers.assign_reviewer(finish(take_home), rita, by="ada")
    wait_since(4)

    def die(*_: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("operations.mail.outbox.notify", die)
    waiting.remind_reviewers()
    assert Review.objects.get().reminded_at is None


@pytest.mark.usefixtures("mail")
def test_who_may_no_longer_review_and_zero_days_remind_nobody(
    take_home: Interview, rita: User, settings: Any
) -> None:
    User.objects.filter(pk=rita.pk).update(email="rita@example.com")
    reviewers.assign_reviewer(finish(take_home), rita, by="ada")
    wait_since(9)
    settings.REVIEW_REMINDER_DAYS = 0
    waiting.remind_reviewers()
    settings.REVIEW_REMINDER_DAYS = 3
    rita.groups.clear()
    waiting.remind_reviewers()
    assert not Message.objects.exists()
