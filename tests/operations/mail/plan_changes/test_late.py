"""Changes that are told late, and reminders that move."""

from datetime import timedelta

import time_machine
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from interviews import outbox as changes_outbox
from interviews.dynamodb import now
from operations import actions, reconciler
from operations.mail import plan_changes
from operations.webhooks import periodic
from tests.conftest import fresh
from tests.operations.mail.conftest import messages
from tests.operations.mail.plan_changes.reading import OTHER, edit, kinds, send_waiting, text


def test_process_that_dies_after_the_write_is_made_up_for_once(planned, monkeypatch):
    """The action wrote the row and died: the relay queues the message, and only one."""
    monkeypatch.setattr(plan_changes, "queue_messages", lambda interview: None)
    actions.reschedule(planned, at=now() + timedelta(days=3), by="grace")
    assert send_waiting(planned) == []
    periodic.relay_and_dispatch()
    periodic.relay_and_dispatch()
    assert len(send_waiting(planned)) == 1
    assert list(changes_outbox.pending_ids(10)) == []


def test_relay_in_the_second_of_the_change_queues_no_other_message(planned):
    with time_machine.travel(now(), tick=False):
        actions.reschedule(planned, at=now() + timedelta(days=3), by="grace")
        periodic.relay_and_dispatch()
        assert [each for each in kinds(planned) if each[0] == "changed"] == [
            ("changed", 1, "queued")
        ]


def test_relay_of_what_the_action_queued_writes_nothing(planned):
    actions.extend(planned, 15, by="grace")
    with CaptureQueriesContext(connection) as queries:
        plan_changes.queue_messages(fresh(planned))
    verbs = {query["sql"].split(" ")[0] for query in queries}
    assert "SELECT" in verbs and not verbs & {"INSERT", "UPDATE"}


def test_two_changes_that_are_relayed_late_are_one_email(planned, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        actions.reschedule(planned, at=now() + timedelta(days=3), by="grace")
        actions.extend(fresh(planned), 15, by="grace")
    with time_machine.travel(now() + timedelta(seconds=5), tick=False):
        periodic.relay_and_dispatch()
        assert len(send_waiting(planned)) == 1


def test_database_that_is_away_does_not_undo_the_move(planned, monkeypatch):
    def away(*args, **kwargs):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "_queue_for", away)
        actions.reschedule(planned, at=now() + timedelta(days=3), by="grace")
    assert fresh(planned).timeline[-1].what == "rescheduled"
    periodic.relay_and_dispatch()
    assert len(send_waiting(planned)) == 1


def test_reminder_moves_with_the_interview(planned):
    actions.reschedule(planned, at=now() + timedelta(days=5), by="grace", notify=False)
    old, new = messages(planned, "reminder")
    assert (old.state, new.state) == ("skipped", "planned")
    assert new.send_at == fresh(planned).scheduled_at - timedelta(hours=24)


def test_reminder_moves_with_the_deadline(invited):
    edit(invited, valid_until=now() + timedelta(days=20))
    old, new = messages(invited, "reminder")
    assert (old.state, new.state) == ("skipped", "planned")
    assert new.send_at == fresh(invited).valid_until - timedelta(hours=24)


def test_reminder_of_what_is_called_off_is_dropped_at_once(planned, invited):
    for interview in (planned, invited):
        actions.revoke(interview, by="boss", notify=False)
        assert [each.state for each in messages(interview, "reminder")] == ["skipped"]


def test_expired_invitation_with_a_new_deadline_is_told_and_reminded(invited):
    with time_machine.travel(invited.valid_until + timedelta(minutes=1), tick=False):
        reconciler.run_due()
        edit(fresh(invited), valid_until=now() + timedelta(days=7))
        (email,) = send_waiting(invited)
        assert "The deadline to start" in text(email)
        assert messages(invited, "reminder")[-1].send_at == now() + timedelta(days=6)


def test_new_address_gets_an_invitation(invited):
    edit(invited, candidate_email=OTHER)
    (email,) = send_waiting(invited)
    assert (email["To"], email["Subject"]) == (OTHER, "Your take-home test: Word count")
    assert "You're invited" in text(email)
    assert {each.to for each in messages(invited, "reminder")} == {OTHER}


def test_removed_address_gets_nothing_more(invited):
    edit(invited, candidate_email=None)
    actions.revoke(fresh(invited), by="boss")
    with time_machine.travel(invited.valid_until, tick=False):
        assert send_waiting(invited) == []
