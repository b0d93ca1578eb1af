"""A message is sent once, when it is due."""

from datetime import timedelta

import pytest
import structlog
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation

from interviews import queries
from interviews.dynamodb import now
from operations import actions
from operations.mail import resend, sender
from operations.mail.models import Message
from operations.worker import runner
from tests.conftest import fresh, operation_of
from tests.operations.mail.conftest import ADDRESS, messages
from tests.operations.mail.sender.servers import (
    Away,
    Odd,
    RefusesForGood,
    RefusesForNow,
    WorkerDies,
    again,
    make_due,
)


class AnotherComesMeanwhile(BaseEmailBackend):
    """While it sends the message, a second worker tries to send it as well."""

    sent = 0

    def send_messages(self, messages):
        type(self).sent += 1
        sender.send_message(Message.objects.get(kind="invitation").pk)
        return 1


class StaffCorrectsTheAddress(BaseEmailBackend):
    """Staff changes the address while a slow server sends the first message."""

    sent: list[str] = []

    def send_messages(self, messages):
        self.sent.extend(messages[0].to)
        if len(self.sent) == 1:
            message = Message.objects.get(kind="invitation")
            interview = queries.get_interview(message.interview_id)
            resend.resend_invitation(interview, by="grace", to="right@example.com")
        return 1


def test_a_message_is_sent_and_marked(message, stream):
    stream.entries.clear()
    sender.send_message(message.pk)
    (sent,) = mail.outbox
    assert sent.to == [ADDRESS]
    done = again(message)
    assert (done.state, done.attempts, done.error) == ("sent", 1, "")
    assert done.sent_at is not None
    # The interview's page is updated.
    assert [event["interviewId"] for event in stream.events_named("interview")] == [
        message.interview_id
    ]


def test_a_message_is_sent_once(message):
    sender.send_message(message.pk)
    sender.send_message(message.pk)
    assert len(mail.outbox) == 1


def test_concurrent_workers_send_a_message_once(message, use_backend):
    AnotherComesMeanwhile.sent = 0
    use_backend(AnotherComesMeanwhile)
    sender.send_message(message.pk)
    assert (AnotherComesMeanwhile.sent, again(message).state) == (1, "sent")


def test_corrected_address_gets_a_message_while_another_is_being_sent(mailed, use_backend):
    interview = mailed()
    StaffCorrectsTheAddress.sent.clear()
    use_backend(StaffCorrectsTheAddress)
    sender.send_message(messages(interview, "invitation")[0].pk)
    for message in messages(interview, "invitation"):
        sender.send_message(message.pk)
    assert StaffCorrectsTheAddress.sent == [ADDRESS, "right@example.com"]
    assert [(each.kind, each.to, each.state) for each in messages(interview)] == [
        ("invitation", ADDRESS, "sent"),
        ("reminder", "right@example.com", "planned"),
        ("invitation", "right@example.com", "sent"),
    ]


def test_after_a_worker_died_nothing_is_sent_to_a_corrected_address(mailed, use_backend, settings):
    interview = mailed()
    (first,) = messages(interview, "invitation")
    use_backend(WorkerDies)
    with pytest.raises(SystemExit):
        sender.send_message(first.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    resend.resend_invitation(fresh(interview), by="grace", to="right@example.com")
    make_due(first)
    for message in messages(interview, "invitation"):
        sender.send_message(message.pk)
    assert [sent.to for sent in mail.outbox] == [["right@example.com"]]
    assert (again(first).state, again(first).error) == (
        "skipped",
        "The candidate's address was changed.",
    )


def test_missing_message_is_ignored(db):
    sender.send_message(7)
    assert mail.outbox == []


def test_message_is_not_sent_before_it_is_due(mailed):
    (reminder,) = messages(mailed(), "reminder")
    sender.send_message(reminder.pk)
    assert (mail.outbox, again(reminder).state) == ([], "planned")


def test_message_of_a_revoked_invitation_is_skipped(mailed):
    interview = mailed()
    actions.revoke(interview, by="recruiter")
    (message,) = messages(interview, "invitation")
    sender.send_message(message.pk)
    assert (mail.outbox, again(message).state) == ([], "skipped")


def test_the_stored_reason_is_in_english_in_each_language_of_the_server(mailed):
    interview = mailed()
    actions.revoke(interview, by="recruiter")
    (message,) = messages(interview, "invitation")
    with translation.override("de"):
        sender.send_message(message.pk)
    assert again(message).error == "No email is sent any more. Status: Withdrawn."


def test_message_of_a_deleted_interview_is_skipped(mailed):
    interview = mailed()
    interview.delete()
    (message,) = messages(interview, "invitation")
    sender.send_message(message.pk)
    assert (again(message).state, again(message).error) == (
        "skipped",
        "The interview is no longer there.",
    )


def test_reminder_is_sent_once_if_the_candidate_did_not_start(mailed):
    (reminder,) = messages(mailed(), "reminder")
    make_due(reminder)
    sender.send_message(reminder.pk)
    sender.send_message(reminder.pk)
    (sent,) = mail.outbox
    assert sent.subject == "Reminder: your take-home test: Word count"
    assert again(reminder).state == "sent"


def test_reminder_is_skipped_if_the_candidate_started(mailed, engine):
    interview = mailed()
    runner.run_operation(actions.activate(interview, by="candidate"))
    assert operation_of(interview).status == "completed"
    (reminder,) = messages(interview, "reminder")
    make_due(reminder)
    sender.send_message(reminder.pk)
    assert (mail.outbox, again(reminder).state) == ([], "skipped")


def test_late_reminder_is_skipped(mailed):
    interview = mailed()
    fresh(interview).change(valid_until=now() - timedelta(seconds=1))
    (reminder,) = messages(interview, "reminder")
    make_due(reminder)
    sender.send_message(reminder.pk)
    assert (again(reminder).state, again(reminder).error) == ("skipped", "The moment had passed.")


def test_due_messages_are_dispatched(mailed, enqueued):
    due = [messages(mailed(), "invitation")[0] for _ in range(3)]
    enqueued.clear()
    sender.dispatch_due_messages()
    assert enqueued == [("operations.send", str(message.pk)) for message in due]


def test_message_is_dispatched_again_only_after_a_while(message, enqueued):
    enqueued.clear()
    sender.dispatch_due_messages()
    sender.dispatch_due_messages()
    assert enqueued == [("operations.send", str(message.pk))]
    Message.objects.update(rung_at=now() - timedelta(minutes=2))
    sender.dispatch_due_messages()
    assert len(enqueued) == 2


def test_slow_mail_server_occupies_a_limited_number_of_workers(mailed, enqueued):
    for _ in range(sender.MAX_CONCURRENT + 2):
        mailed()
    enqueued.clear()
    sender.dispatch_due_messages()
    assert len(enqueued) == sender.MAX_CONCURRENT
    # Two of them are being sent by workers that do not return.
    for message in Message.objects.exclude(rung_at=None)[:2]:
        assert message.acquire(now())
    enqueued.clear()
    sender.dispatch_due_messages()
    assert enqueued == []


@pytest.mark.parametrize("backend", [Away, RefusesForNow, RefusesForGood, Odd])
def test_no_passcode_gets_into_a_log_a_row_or_a_task(
    mailed, use_backend, backend, enqueued, stream, caplog
):
    use_backend(backend)
    with structlog.testing.capture_logs() as lines:
        interview = mailed()
        sender.dispatch_due_messages()
        sender.send_message(messages(interview)[0].pk)
    assert interview.passcode
    rows = str(list(Message.objects.values()))
    for place in (str(lines), caplog.text, rows, str(enqueued), stream.text):
        assert interview.passcode not in place
    assert [line["reason"] for line in lines if line["event"] == "mail_not_sent"] != []


def test_subject_is_that_of_when_it_is_sent(mailed):
    """A reminder waits for days; the test may have got another name since."""
    invitation = messages(mailed(), "invitation")[0]
    Message.objects.filter(pk=invitation.pk).update(subject="As it was")
    sender.send_message(invitation.pk)
    invitation.refresh_from_db()
    assert mail.outbox[-1].subject == invitation.subject == "Your take-home test: Word count"
