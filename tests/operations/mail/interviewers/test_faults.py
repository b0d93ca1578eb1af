"""Emails to interviewers when something goes wrong."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError

from interviews import outbox as changes_outbox
from interviews.models import Interview
from operations import actions
from operations.mail import outbox, plan_changes
from operations.mail.models import Message
from operations.webhooks import periodic
from tests.conftest import fresh
from tests.operations.mail.conftest import messages
from tests.operations.mail.interviewers.plans import (
    GRACE,
    JOAN,
    MARY,
    Plan,
    edit,
    move,
    recipients,
    records,
)
from tests.operations.mail.plan_changes.reading import entry, send_waiting


def test_process_that_dies_after_planning_is_made_up_for_once(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        interview = plan()
    assert send_waiting(interview) == []
    periodic.relay_and_dispatch()
    periodic.relay_and_dispatch()
    assert recipients(send_waiting(interview)) == [GRACE, MARY]
    assert list(changes_outbox.pending_ids(10)) == []


def test_process_that_dies_after_an_edit_is_made_up_for_once(
    told: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two edits and a move that nobody told of, in one go."""
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        edit(told, interviewers=[GRACE])
        move(told, days=12)
        edit(told, interviewers=[GRACE, JOAN])
    for _ in range(2):
        periodic.relay_and_dispatch()
    emails = {str(email["To"]): entry(email)[0] for email in send_waiting(told)}
    assert emails == {GRACE: "REQUEST", MARY: "CANCEL", JOAN: "REQUEST"}
    assert {address: len(records(told, address)) for address in (GRACE, MARY, JOAN)} == {
        GRACE: 2,
        MARY: 2,
        JOAN: 1,
    }


def test_process_that_dies_between_two_people_forgets_nobody(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first message is written, and the database is gone: all or none is kept."""
    create = outbox.create_message

    def fails_for_mary(*args: Any, **fields: Any) -> Message:
        if fields.get("interviewer") == MARY:
            raise DatabaseError
        return create(*args, **fields)

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "create_message", fails_for_mary)
        interview = plan()
    assert messages(interview) == []
    periodic.relay_and_dispatch()
    assert recipients(send_waiting(interview)) == [GRACE, MARY]


def test_late_look_at_an_older_row_decides_nothing(told: Interview) -> None:
    """A process is slow between its write and its messages: its row does not know the next edit."""
    edit(told, interviewers=[GRACE], notify=False)
    as_removed = fresh(told)
    edit(told, interviewers=[GRACE, MARY])
    plan_changes.queue_messages(as_removed)
    assert [(entry(email)[0], email["To"]) for email in send_waiting(told)] == [("REQUEST", MARY)]
    move(told, days=12)
    assert recipients(send_waiting(told)) == [GRACE, MARY]


def test_late_removal_is_not_sent_and_made_up_for(
    told: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        edit(told, interviewers=[GRACE])
    as_removed = fresh(told)
    edit(told, interviewers=[GRACE, MARY])
    plan_changes.queue_messages(as_removed)
    periodic.relay_and_dispatch()
    assert {entry(email)[0] for email in send_waiting(told)} == {"REQUEST"}
    move(told, days=12)
    assert recipients(send_waiting(told)) == [GRACE, MARY]


def test_message_that_waits_is_not_sent_to_somebody_who_was_removed(plan: Plan) -> None:
    """As when a slow process invites somebody whom the next edit removed."""
    interview = plan()
    fresh(interview).change(interviewers=[GRACE])
    assert recipients(send_waiting(interview)) == [GRACE]
    assert records(interview, MARY) == [("scheduled", 0, "skipped")]


def test_cancellation_that_waits_is_not_sent_to_somebody_who_was_named_again(
    told: Interview,
) -> None:
    edit(told, interviewers=[GRACE])
    fresh(told).change(interviewers=[GRACE, MARY])
    assert send_waiting(told) == []


def test_interview_that_is_over_invites_nobody(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        interview = plan()
        actions.revoke(interview, by="boss")
    periodic.relay_and_dispatch()
    assert messages(interview) == []


def test_without_mail_server_nobody_is_written_to_and_the_interview_is_planned(
    schedule: Plan, settings: Any, db: None
) -> None:
    settings.MAIL_IS_ON = False
    interview = schedule(interviewers=[GRACE])
    assert fresh(interview).interviewers == [GRACE]
    assert Message.objects.count() == 0


def test_failed_email_to_an_interviewer_is_not_the_candidates(told: Interview) -> None:
    Message.objects.filter(interview_id=told.id).update(state="failed")
    assert outbox.undelivered_interview_ids([told.id]) == set()


def test_no_address_of_theirs_is_in_an_event(told: Interview, stream: Any) -> None:
    edit(told, interviewers=[JOAN])
    assert stream.entries
    assert all("example.com" not in str(each) for each in stream.entries)


def test_user_name_is_the_address_of_the_account(plan: Plan) -> None:
    User.objects.create_user("grace", email=GRACE)
    interview = plan(interviewers=["grace", GRACE.upper(), MARY])
    assert fresh(interview).interviewers == [GRACE, MARY]
