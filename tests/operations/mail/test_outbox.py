"""Which messages are planned, when, and which are sent again."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.schemas import LiveInvitation, TakeHomeInvitation
from operations import actions
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import outbox, sender
from operations.mail.models import Message
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS, messages


def kinds(interview):
    return [(each.kind, each.number, each.state) for each in messages(interview)]


def test_an_invitation_plans_its_message_and_a_reminder(mailed, settings):
    interview = mailed(valid_days=7)
    invitation, reminder = messages(interview)
    assert kinds(interview) == [("invitation", 0, "queued"), ("reminder", 0, "planned")]
    assert (invitation.to, reminder.to) == (ADDRESS, ADDRESS)
    assert invitation.send_at <= now()
    assert reminder.send_at == interview.valid_until - timedelta(hours=24)
    assert (invitation.created_by, invitation.subject) == (
        "recruiter",
        "Your take-home test: Word count",
    )


def test_each_administrator_is_written_to_once(mail_on, settings, enqueued):
    settings.ADMINS = [("", "admin@example.com"), ("", "ops@example.com")] * 2
    outbox.notify_administrators("Two\nlines", "Something was given up.")
    assert [
        (each.kind, each.interview_id, each.to, each.state, each.subject, each.text)
        for each in Message.objects.order_by("pk")
    ] == [
        ("notice", "", "admin@example.com", "queued", "Two lines", "Something was given up."),
        ("notice", "", "ops@example.com", "queued", "Two lines", "Something was given up."),
    ]
    sender.dispatch_due_messages()
    assert [task for task, _ in enqueued] == ["operations.send"] * 2


def test_without_a_mail_server_no_administrator_is_promised_anything(db, settings):
    settings.ADMINS = [("", "admin@example.com")]
    outbox.notify_administrators("Away", "Something was given up.")
    assert Message.objects.count() == 0


def test_a_validity_that_is_shorter_than_the_reminders_time_has_none(mailed, settings):
    settings.REMIND_HOURS = 24
    assert kinds(mailed(valid_days=1)) == [("invitation", 0, "queued")]


def test_reminders_can_be_switched_off(mailed, settings):
    settings.REMIND_HOURS = 0
    assert kinds(mailed()) == [("invitation", 0, "queued")]


def test_nothing_is_planned_where_no_email_is_wanted(invite, mail_on):
    interview = invite(candidate_email=ADDRESS)
    assert fresh(interview).candidate_email == ADDRESS
    assert messages(interview) == []


def test_an_email_that_cannot_be_sent_is_refused_before_anybody_is_invited(invite, db, stream):
    with pytest.raises(InvalidInputError) as refusal:
        invite(send_email=True, candidate_email=ADDRESS)
    assert (refusal.value.field, refusal.value.message) == (
        "send_email",
        "E-mail is not set up on this server.",
    )
    assert stream.said("interview") == []


def test_invited_again_under_the_same_id_there_is_one_message(mailed):
    invitation = TakeHomeInvitation(
        candidate_name="Ada", challenge="word-count", send_email=True, candidate_email=ADDRESS
    )
    mailed()
    first = actions.invite(invitation, by="recruiter", id_="takehome-1-b1r1")
    second = actions.invite(invitation, by="recruiter", id_="takehome-1-b1r1")
    assert first.passcode == second.passcode
    assert kinds(first) == [("invitation", 0, "queued"), ("reminder", 0, "planned")]


def test_a_live_interview_is_announced_and_reminded_of_a_day_before(mail_on, challenge):
    at = now() + timedelta(days=3)
    live = LiveInvitation(
        candidate_name="Ada",
        challenge=challenge.id,
        scheduled_at=at,
        send_email=True,
        candidate_email=ADDRESS,
        time_zone="Europe/Berlin",
    )
    interview = actions.schedule_live(live, by="recruiter")
    scheduled, reminder = messages(interview)
    assert (scheduled.kind, scheduled.zone) == ("scheduled", "Europe/Berlin")
    assert reminder.send_at == interview.scheduled_at - timedelta(hours=24)


def test_sent_again_it_is_a_new_message(mailed, enqueued):
    interview = mailed(time_zone="Asia/Kolkata")
    sender.send_message(messages(interview)[0].pk)
    message = outbox.resend_invitation(interview, by="grace")
    assert (message.kind, message.number, message.created_by) == ("invitation", 1, "grace")
    assert message.zone == "Asia/Kolkata"
    assert enqueued[-1] == ("operations.send", str(message.pk))


def test_what_is_on_its_way_is_not_sent_twice(mailed):
    interview = mailed()
    first = messages(interview)[0]
    assert outbox.resend_invitation(interview, by="grace").pk == first.pk
    assert len(messages(interview, "invitation")) == 1


def test_what_waits_for_another_try_is_tried_at_once(mailed):
    interview = mailed()
    Message.objects.filter(kind="invitation").update(
        attempts=3,
        error="The mail server could not be reached.",
        send_at=now() + timedelta(hours=1),
    )
    outbox.resend_invitation(interview, by="grace")
    assert messages(interview)[0].send_at <= now()


def test_sent_again_to_another_address_it_becomes_the_candidates(mailed):
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    message = outbox.resend_invitation(interview, by="grace", to="ada@other.example")
    assert message.to == fresh(interview).candidate_email == "ada@other.example"
    (reminder,) = messages(interview, "reminder")
    assert reminder.to == "ada@other.example"


def test_a_candidate_without_an_address_cannot_be_written_to(invite, mail_on):
    with pytest.raises(InvalidInputError) as refusal:
        outbox.resend_invitation(invite(), by="grace")
    assert refusal.value.field == "candidate_email"


def test_a_withdrawn_test_cannot_be_mailed(mailed):
    interview = mailed()
    actions.revoke(interview, by="recruiter")
    with pytest.raises(WrongStateError) as refusal:
        outbox.resend_invitation(fresh(interview), by="grace")
    assert str(refusal.value) == "This test is revoked: there is nothing to write about."


def test_without_a_mail_server_nothing_is_sent_again(mailed, settings):
    interview = mailed()
    settings.MAIL_IS_ON = False
    with pytest.raises(WrongStateError) as refusal:
        outbox.resend_invitation(interview, by="grace")
    assert str(refusal.value) == "E-mail is not set up on this server."


def test_undelivered_is_who_did_not_get_the_last_one(mailed):
    lost, found, fine = mailed(), mailed(), mailed()
    for interview in (lost, found):
        Message.objects.filter(interview_id=interview.id, kind="invitation").update(state="failed")
    outbox.resend_invitation(found, by="grace")
    ids = [each.id for each in (lost, found, fine)]
    assert outbox.undelivered_interview_ids(ids) == {lost.id}


def test_messages_go_with_their_interview(mailed):
    kept, gone = mailed(), mailed()
    outbox.delete_messages_of(gone.id)
    assert (len(messages(kept)), messages(gone)) == (2, [])


def test_old_messages_are_forgotten_once_they_are_done_with(mailed):
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    Message.objects.update(created_at=now() - timedelta(days=91))
    outbox.delete_old_messages()
    assert kinds(interview) == [("reminder", 0, "planned")]
