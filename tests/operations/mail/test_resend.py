"""Invitations and reminders that staff sends by hand."""

from datetime import timedelta

import pytest
from django.core import mail

from interviews.dynamodb import now
from interviews.schemas.invitations import InvitationEdit
from interviews.search import lookup
from operations import actions
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import resend, sender
from operations.mail.models import Message
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS, messages


def test_resending_creates_a_new_message(mailed, enqueued):
    interview = mailed(time_zone="Asia/Kolkata")
    sender.send_message(messages(interview)[0].pk)
    message = resend.resend_invitation(interview, by="grace")
    assert (message.kind, message.number, message.created_by) == ("invitation", 1, "grace")
    assert message.zone == "Asia/Kolkata"
    assert enqueued[-1] == ("operations.send", str(message.pk))


def test_a_reminder_goes_now_and_the_planned_one_stays(mailed, enqueued):
    interview = mailed(time_zone="Asia/Kolkata")
    planned = messages(interview, "reminder")[0]
    message = resend.send_reminder(interview, by="grace")
    assert (message.kind, message.state, message.created_by) == ("reminder", "queued", "grace")
    assert message.zone == "Asia/Kolkata"
    assert enqueued[-1] == ("operations.send", str(message.pk))
    assert resend.send_reminder(interview, by="ada").pk == message.pk
    sender.send_message(message.pk)
    assert mail.outbox[-1].subject.startswith("Reminder: ")
    assert resend.send_reminder(interview, by="ada").pk != message.pk
    planned.refresh_from_db()
    assert planned.state == "planned"


def test_a_reminder_of_staff_does_not_stop_the_one_of_a_new_deadline(mailed):
    interview = mailed()
    resend.send_reminder(interview, by="grace")
    sender.send_message(messages(interview, "reminder")[-1].pk)
    until = now() + timedelta(days=20)
    actions.edit_invitation(
        fresh(interview), InvitationEdit.model_validate({"valid_until": until}), by="grace"
    )
    planned = Message.objects.get(interview_id=interview.id, kind="reminder", state="planned")
    assert planned.send_at == fresh(interview).valid_until - timedelta(hours=24)


def test_waiting_message_is_not_duplicated(mailed):
    interview = mailed()
    first = messages(interview)[0]
    assert resend.resend_invitation(interview, by="grace").pk == first.pk
    assert len(messages(interview, "invitation")) == 1


def test_resending_retries_a_failed_message_immediately(mailed):
    interview = mailed()
    Message.objects.filter(kind="invitation").update(
        attempts=3,
        error="The mail server could not be reached.",
        send_at=now() + timedelta(hours=1),
    )
    resend.resend_invitation(interview, by="grace")
    assert messages(interview)[0].send_at <= now()


def test_resending_to_another_address_changes_the_candidates_address(mailed):
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    message = resend.resend_invitation(interview, by="grace", to="ada@other.example")
    assert message.to == fresh(interview).candidate_email == "ada@other.example"
    (reminder,) = messages(interview, "reminder")
    assert reminder.to == "ada@other.example"


def test_address_of_the_resent_message_is_searched(mailed):
    interview = mailed()
    resend.resend_invitation(interview, by="grace", to="ada@other.example")
    found = [
        [each.id for each in lookup.search_page(text, lookup.Filters()).items]
        for text in ("ada@other.example", ADDRESS)
    ]
    assert found == [[interview.id], []]


def test_resending_without_an_address_is_refused(invite, mail_on):
    with pytest.raises(InvalidInputError) as refusal:
        resend.resend_invitation(invite(), by="grace")
    assert refusal.value.field == "candidate_email"


def test_resending_a_revoked_test_is_refused(mailed):
    interview = mailed()
    actions.revoke(interview, by="recruiter")
    with pytest.raises(WrongStateError) as refusal:
        resend.resend_invitation(fresh(interview), by="grace")
    assert str(refusal.value) == "No email is sent any more. Status: Withdrawn."


def test_resending_without_mail_server_is_refused(mailed, settings):
    interview = mailed()
    settings.MAIL_IS_ON = False
    with pytest.raises(WrongStateError) as refusal:
        resend.resend_invitation(interview, by="grace")
    assert str(refusal.value) == "Email isn't set up on this server."
