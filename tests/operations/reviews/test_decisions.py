"""Decisions: nobody overwrites another's, and webhooks are told once."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet

from dashboard.permissions.roles import REVIEWER
from interviews.models import Interview
from operations import retention
from operations.audit import Channel, Origin, acting_as
from operations.audit.models import AuditEntry
from operations.exceptions import WrongStateError
from operations.reviews import cleanup, decisions, reviewers, scorecards
from operations.reviews.decisions import (
    DecisionConflictError,
    decide,
    decision_history,
    latest_decisions,
)
from operations.reviews.models import Decision, Review, ReviewCase
from operations.reviews.schemas import DecisionInput
from operations.webhooks.models import Delivery
from tests.conftest import fresh, member
from tests.dashboard.webhooks import make_webhook
from tests.reviewing import card, submit

pytestmark = pytest.mark.django_db


def wanted(outcome: str = "advance", base: int = 0) -> DecisionInput:
    return DecisionInput(outcome=outcome, reason="Because of the tests.", base=base)


def save(interview: Interview) -> None:
    scorecards.save_draft(interview, member("otto", REVIEWER), card(1, 2), version=0)


def hand_in(interview: Interview) -> None:
    submit(interview, member("otto", REVIEWER), 1, 2)


def assign(interview: Interview) -> None:
    reviewers.assign_reviewer(interview, member("otto", REVIEWER), by="ada")


def decide_at_once(interview: Interview) -> None:
    decide(interview, wanted(), by="ada")


def test_a_decision_may_change_and_its_history_stays(submission: Interview) -> None:
    with acting_as(Origin("ada", Channel.PAGE)):
        decide(submission, wanted("hold"), by="ada")
        decide(submission, wanted("reject", base=1), by="otto")
    history = [
        (each.number, each.outcome, each.decided_by) for each in decision_history(submission.id)
    ]
    assert history == [(2, "reject", "otto"), (1, "hold", "ada")]
    assert latest_decisions([submission.id])[submission.id].outcome == "reject"
    details = AuditEntry.objects.order_by("pk").values_list("what", "detail")
    assert list(details) == [("decision_made", "hold"), ("decision_made", "reject")]


def test_the_second_of_two_is_told_and_nothing_overwritten(
    submission: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(submission, wanted("advance"), by="ada")
    with pytest.raises(DecisionConflictError) as caught:
        decide(submission, wanted("reject"), by="otto")
    assert caught.value.current.decided_by == "ada"
    with pytest.raises(DecisionConflictError):
        decide(submission, wanted("reject", base=7), by="otto")
    # At the very same moment: neither has seen the other's.
    seen = iter([None, Decision.objects.get()])
    monkeypatch.setattr("operations.reviews.decisions.latest_decision", lambda _: next(seen))
    with pytest.raises(DecisionConflictError):
        decide(submission, wanted("reject"), by="otto")
    assert [each.outcome for each in Decision.objects.all()] == ["advance"]


def test_a_first_decision_names_none_before_it(submission: Interview) -> None:
    with pytest.raises(WrongStateError, match="just changed this"):
        decide(submission, wanted(base=7), by="ada")
    assert not Decision.objects.exists()


def reopen(interview: Interview) -> None:
    scorecards.reopen_review(interview, User.objects.get(username="otto"))


@pytest.mark.parametrize("change", [decide_at_once, reopen])
def test_of_a_decision_and_a_reopening_at_once_one_waits(
    submission: Interview,
    change: Callable[[Interview], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hand_in(submission)
    steps: list[str] = []
    lock, read = QuerySet.select_for_update, decisions.latest_decision

    def note_lock(rows: Any, **options: Any) -> Any:
        steps.append(f"lock {rows.model.__name__}")
        return lock(rows, **options)

    def note_read(interview_id: str) -> Decision | None:
        steps.append("read")
        return read(interview_id)

    monkeypatch.setattr(QuerySet, "select_for_update", note_lock)
    monkeypatch.setattr(decisions, "latest_decision", note_read)
    change(submission)
    assert steps == ["lock ReviewCase", "read"]


def test_what_is_not_over_is_not_decided(running: Interview) -> None:
    with pytest.raises(WrongStateError):
        decide(running, wanted(), by="ada")


def test_webhooks_that_ask_for_it_are_told_without_scores_and_reasons(
    submission: Interview,
) -> None:
    make_webhook(name="quiet")
    make_webhook(name="told", sends_reviews=True)
    make_webhook(name="live", sends_reviews=True, types=["regular"])
    submit(submission, member("rita", REVIEWER), 1, 2)
    decide(submission, wanted("hold"), by="ada")
    decide(submission, wanted("reject", base=1), by="ada")
    rows = list(Delivery.objects.order_by("created_at"))
    assert [(row.webhook.name, row.event) for row in rows] == [
        ("told", "review.submitted"),
        ("told", "decision.made"),
        ("told", "decision.made"),
    ]
    review, _first, second = (json.loads(row.body) for row in rows)
    assert review["interview"]["id"] == submission.id
    assert review["review"].keys() == {"reviewer", "submittedAt"}
    assert second["decision"] | {"decidedAt": ""} == {
        "outcome": "reject",
        "previousOutcome": "hold",
        "sequence": 2,
        "decidedBy": "ada",
        "decidedAt": "",
    }


def names_in_messages() -> set[str | None]:
    bodies = Delivery.objects.values_list("body", flat=True)
    return {json.loads(body)["interview"].get("candidateName") for body in bodies}


WRITES = [save, hand_in, assign, decide_at_once]


@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_after_the_deletion_goes_too(
    submission: Interview, write: Callable[[Interview], None]
) -> None:
    make_webhook(name="told", sends_reviews=True, sends_name=True)
    retention.delete_interview(fresh(submission), by="ada")
    with pytest.raises(WrongStateError, match="was deleted"):
        write(submission)
    for model in (Review, Decision, ReviewCase):
        assert not model.objects.exists()
    assert names_in_messages() <= {None}


@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_during_the_deletion_goes_too(
    submission: Interview,
    write: Callable[[Interview], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    delete_row = retention._delete_row

    def write_first(interview: Interview) -> None:
        write(submission)
        delete_row(interview)

    monkeypatch.setattr(retention, "_delete_row", write_first)
    make_webhook(name="told", sends_reviews=True, sends_name=True)
    deleted = retention.delete_interview(fresh(submission), by="ada")
    assert deleted.reviews + deleted.decisions == 1
    assert names_in_messages() <= {None}
    for model in (Review, Decision, ReviewCase):
        assert not model.objects.exists()


def test_the_end_of_what_is_deleted_assigns_nobody(submission: Interview) -> None:
    reviewers.change_settings(
        "word-count", [member("otto", REVIEWER)], in_turn=0, hides_names=False
    )
    retention.delete_interview(fresh(submission), by="ada")
    reviewers.note_end(submission)
    for model in (Review, ReviewCase):
        assert not model.objects.exists()


def test_they_are_deleted_with_the_interview(submission: Interview) -> None:
    submit(submission, member("rita", REVIEWER), 1, 2)
    decide(submission, wanted(), by="ada")
    assert cleanup.count_reviews_of(submission.id) == (1, 1)
    deleted = retention.delete_interview(submission, by="ada")
    assert (deleted.reviews, deleted.decisions) == (1, 1)
    for model in (Review, Decision, ReviewCase):
        assert not model.objects.exists()
