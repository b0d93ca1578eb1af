"""Which messages are queued, when, and which are resent."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from operations import actions
from operations.exceptions import InvalidInputError
from operations.mail import outbox, resend, sender
from operations.mail.models import Message, MessageKind, MessageStatus
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


def test_of_an_interview_only_the_invitations_count(mailed):
    tests = [mailed(), mailed(candidate_name="Grace")]
    first = [messages(each, "invitation")[0] for each in tests]
    # One that waits would be sent in place of another.
    first[0].finish(MessageStatus.SENT, now())
    again = resend.draft_resend(tests[0], "boss")
    outbox.store_message(again)
    for kind in (MessageKind.READY, MessageKind.SUBMITTED, MessageKind.CHANGED):
        outbox.create_message(tests[0], kind, "UTC", "worker", now(), 4)
    assert list(outbox.invitations_of(each.id for each in tests)) == [*first, again]


def test_undelivered_lists_interviews_whose_last_message_failed(mailed):
    lost, found, fine = mailed(), mailed(), mailed()
    for interview in (lost, found):
        Message.objects.filter(interview_id=interview.id, kind="invitation").update(state="failed")
    resend.resend_invitation(found, by="grace")
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
