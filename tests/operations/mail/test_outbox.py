"""Which messages are queued, when, and which are resent."""

from datetime import timedelta

import pytest
from django.core import mail

from interviews.dynamodb import now
from interviews.schemas.invitations import InvitationEdit, LiveInvitation, TakeHomeInvitation
from interviews.search import lookup
from operations import actions
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import outbox, sender
from operations.mail.models import Message
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS, messages


def kinds(interview):
    return [(each.kind, each.number, each.state) for each in messages(interview)]


def test_invitation_queues_a_message_and_a_reminder(mailed, settings):
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


def test_each_administrator_gets_one_notice(mail_on, settings, enqueued):
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


def test_without_mail_server_no_notice_is_queued(db, settings):
    settings.ADMINS = [("", "admin@example.com")]
    outbox.notify_administrators("Away", "Something was given up.")
    assert Message.objects.count() == 0


def test_short_validity_has_no_reminder(mailed, settings):
    settings.REMIND_HOURS = 24
    assert kinds(mailed(valid_days=1)) == [("invitation", 0, "queued")]


def test_reminders_can_be_disabled(mailed, settings):
    settings.REMIND_HOURS = 0
    assert kinds(mailed()) == [("invitation", 0, "queued")]


def test_without_send_email_nothing_is_queued(invite, mail_on):
    interview = invite(candidate_email=ADDRESS)
    assert fresh(interview).candidate_email == ADDRESS
    assert messages(interview) == []


def test_send_email_without_mail_server_is_refused_before_the_invitation(invite, db, stream):
    with pytest.raises(InvalidInputError) as refusal:
        invite(send_email=True, candidate_email=ADDRESS)
    assert (refusal.value.field, refusal.value.message) == (
        "send_email",
        "Email isn't set up on this server.",
    )
    assert stream.events_named("interview") == []


def test_repeated_invitation_with_the_same_id_has_one_message(mailed):
    invitation = TakeHomeInvitation(
        candidate_name="Ada", challenge="word-count", send_email=True, candidate_email=ADDRESS
    )
    mailed()
    first = actions.invite(invitation, by="recruiter", id_="takehome-1-b1r1")
    second = actions.invite(invitation, by="recruiter", id_="takehome-1-b1r1")
    assert first.passcode == second.passcode
    assert kinds(first) == [("invitation", 0, "queued"), ("reminder", 0, "planned")]


def test_live_interview_gets_an_announcement_and_a_reminder_a_day_before(mail_on, challenge):
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


def test_resending_creates_a_new_message(mailed, enqueued):
    interview = mailed(time_zone="Asia/Kolkata")
    sender.send_message(messages(interview)[0].pk)
    message = outbox.resend_invitation(interview, by="grace")
    assert (message.kind, message.number, message.created_by) == ("invitation", 1, "grace")
    assert message.zone == "Asia/Kolkata"
    assert enqueued[-1] == ("operations.send", str(message.pk))


def test_a_reminder_goes_now_and_the_planned_one_stays(mailed, enqueued):
    interview = mailed(time_zone="Asia/Kolkata")
    planned = messages(interview, "reminder")[0]
    message = outbox.send_reminder(interview, by="grace")
    assert (message.kind, message.state, message.created_by) == ("reminder", "queued", "grace")
    assert message.zone == "Asia/Kolkata"
    assert enqueued[-1] == ("operations.send", str(message.pk))
    assert outbox.send_reminder(interview, by="ada").pk == message.pk
    sender.send_message(message.pk)
    assert mail.outbox[-1].subject.startswith("Reminder: ")
    assert outbox.send_reminder(interview, by="ada").pk != message.pk
    planned.refresh_from_db()
    assert planned.state == "planned"


def test_a_reminder_of_staff_does_not_stop_the_one_of_a_new_deadline(mailed):
    interview = mailed()
    outbox.send_reminder(interview, by="grace")
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
    assert outbox.resend_invitation(interview, by="grace").pk == first.pk
    assert len(messages(interview, "invitation")) == 1


def test_resending_retries_a_failed_message_immediately(mailed):
    interview = mailed()
    Message.objects.filter(kind="invitation").update(
        attempts=3,
        error="The mail server could not be reached.",
        send_at=now() + timedelta(hours=1),
    )
    outbox.resend_invitation(interview, by="grace")
    assert messages(interview)[0].send_at <= now()


def test_resending_to_another_address_changes_the_candidates_address(mailed):
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    message = outbox.resend_invitation(interview, by="grace", to="ada@other.example")
    assert message.to == fresh(interview).candidate_email == "ada@other.example"
    (reminder,) = messages(interview, "reminder")
    assert reminder.to == "ada@other.example"


def test_address_of_the_resent_message_is_searched(mailed):
    interview = mailed()
    outbox.resend_invitation(interview, by="grace", to="ada@other.example")
    found = [
        [each.id for each in lookup.search_page(text, lookup.Filters()).items]
        for text in ("ada@other.example", ADDRESS)
    ]
    assert found == [[interview.id], []]


def test_resending_without_an_address_is_refused(invite, mail_on):
    with pytest.raises(InvalidInputError) as refusal:
        outbox.resend_invitation(invite(), by="grace")
    assert refusal.value.field == "candidate_email"


def test_resending_a_revoked_test_is_refused(mailed):
    interview = mailed()
    actions.revoke(interview, by="recruiter")
    with pytest.raises(WrongStateError) as refusal:
        outbox.resend_invitation(fresh(interview), by="grace")
    assert str(refusal.value) == "No email is sent any more. Status: Withdrawn."


def test_resending_without_mail_server_is_refused(mailed, settings):
    interview = mailed()
    settings.MAIL_IS_ON = False
    with pytest.raises(WrongStateError) as refusal:
        outbox.resend_invitation(interview, by="grace")
    assert str(refusal.value) == "Email isn't set up on this server."


def test_undelivered_lists_interviews_whose_last_message_failed(mailed):
    lost, found, fine = mailed(), mailed(), mailed()
    for interview in (lost, found):
        Message.objects.filter(interview_id=interview.id, kind="invitation").update(state="failed")
    outbox.resend_invitation(found, by="grace")
    ids = [each.id for each in (lost, found, fine)]
    assert outbox.undelivered_interview_ids(ids) == {lost.id}


def test_messages_are_deleted_with_their_interview(mailed):
    kept, gone = mailed(), mailed()
    outbox.delete_messages_of(gone.id)
    assert (len(messages(kept)), messages(gone)) == (2, [])


def test_old_finished_messages_are_deleted(mailed):
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    actions.revoke(interview, by="recruiter", notify=False)
    Message.objects.update(created_at=now() - timedelta(days=91))
    outbox.delete_old_messages()
    assert kinds(interview) == []


def test_old_messages_of_an_open_interview_say_whom_to_write_to_when_it_changes(mailed):
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    Message.objects.update(created_at=now() - timedelta(days=91))
    outbox.delete_old_messages()
    assert kinds(interview) == [("invitation", 0, "sent"), ("reminder", 0, "planned")]
