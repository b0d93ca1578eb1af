"""A message is sent once, whoever is away; and what is no longer wanted is not sent."""

import smtplib
from datetime import timedelta

import pytest
import structlog
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from interviews import queries
from interviews.dynamodb import now
from operations import actions
from operations.mail import outbox, sender
from operations.mail.models import BACK_OFF, HELD, Message
from operations.worker import runner
from tests.conftest import fresh, operation_of
from tests.operations.mail.conftest import ADDRESS, messages


class Away(BaseEmailBackend):
    """A mail server that does not answer. It quotes what it was given."""

    def send_messages(self, messages):
        raise ConnectionRefusedError(messages[0].body)


class RefusesForNow(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (451, messages[0].body.encode())})


class RefusesForGood(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, messages[0].body.encode())})


class RefusesTheSender(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPSenderRefused(530, messages[0].body.encode(), "tests@example.com")


class WrongPassword(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPAuthenticationError(535, b"no")


class Odd(BaseEmailBackend):
    """A back-end of somebody else's, with errors of its own."""

    def send_messages(self, messages):
        raise LookupError(messages[0].body)


class AnotherComesMeanwhile(BaseEmailBackend):
    """While this message is being sent, a second worker is told of it."""

    sent = 0

    def send_messages(self, messages):
        type(self).sent += 1
        sender.send_message(Message.objects.get(kind="invitation").pk)
        return 1


class StaffCorrectsTheAddress(BaseEmailBackend):
    """While the first message is being sent, by a server that takes its time."""

    sent: list[str] = []

    def send_messages(self, messages):
        self.sent.extend(messages[0].to)
        if len(self.sent) == 1:
            message = Message.objects.get(kind="invitation")
            interview = queries.get_interview(message.interview_id)
            outbox.send_again(interview, by="grace", to="right@example.com")
        return 1


class WorkerDies(BaseEmailBackend):
    def send_messages(self, messages):
        raise SystemExit


@pytest.fixture
def message(mailed):
    return messages(mailed(), "invitation")[0]


@pytest.fixture
def use_backend(settings):
    def use(backend):
        settings.EMAIL_BACKEND = f"{backend.__module__}.{backend.__qualname__}"

    return use


def again(message):
    return Message.objects.get(pk=message.pk)


def make_due(message):
    Message.objects.filter(pk=message.pk).update(send_at=now(), rung_at=None)


def test_a_message_is_sent_and_marked(message, stream):
    stream.entries.clear()
    sender.send_message(message.pk)
    (sent,) = mail.outbox
    assert sent.to == [ADDRESS]
    done = again(message)
    assert (done.state, done.attempts, done.error) == ("sent", 1, "")
    assert done.sent_at is not None
    # The interview's page shows it.
    assert [said["interviewId"] for said in stream.said("interview")] == [message.interview_id]


def test_a_message_is_sent_once(message):
    sender.send_message(message.pk)
    sender.send_message(message.pk)
    assert len(mail.outbox) == 1


def test_two_workers_send_it_once(message, use_backend):
    AnotherComesMeanwhile.sent = 0
    use_backend(AnotherComesMeanwhile)
    sender.send_message(message.pk)
    assert (AnotherComesMeanwhile.sent, again(message).state) == (1, "sent")


def test_a_message_that_is_being_sent_does_not_swallow_a_corrected_address(mailed, use_backend):
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


def test_after_a_worker_died_nothing_goes_to_an_address_that_was_corrected(
    mailed, use_backend, settings
):
    interview = mailed()
    (first,) = messages(interview, "invitation")
    use_backend(WorkerDies)
    with pytest.raises(SystemExit):
        sender.send_message(first.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    outbox.send_again(fresh(interview), by="grace", to="right@example.com")
    make_due(first)
    for message in messages(interview, "invitation"):
        sender.send_message(message.pk)
    assert [sent.to for sent in mail.outbox] == [["right@example.com"]]
    assert (again(first).state, again(first).error) == (
        "skipped",
        "The candidate's address was changed.",
    )


def test_a_message_that_is_gone_is_nobodys_error(db):
    sender.send_message(7)
    assert mail.outbox == []


def test_a_message_is_not_sent_before_its_time(mailed):
    (reminder,) = messages(mailed(), "reminder")
    sender.send_message(reminder.pk)
    assert (mail.outbox, again(reminder).state) == ([], "planned")


@pytest.mark.parametrize(
    ("backend", "sentence"),
    [
        (Away, "The mail server could not be reached."),
        (RefusesForNow, "The mail server refuses this address (451)."),
        (
            WrongPassword,
            "The mail server did not accept the user and password of EMAIL_URL (535).",
        ),
        (RefusesTheSender, "The mail server takes nothing from DEFAULT_FROM_EMAIL (530)."),
        (Odd, "The mail server did not take the message."),
    ],
)
def test_a_mail_server_that_is_away_is_asked_again(message, use_backend, backend, sentence):
    use_backend(backend)
    before = now()
    sender.send_message(message.pk)
    waiting = again(message)
    assert (waiting.state, waiting.attempts, waiting.error) == ("queued", 1, sentence)
    wait = waiting.send_at - before
    assert timedelta(minutes=1) <= wait < timedelta(minutes=2)


def test_a_notice_waits_for_the_mail_server_and_is_sent_once(mail_on, settings, use_backend):
    settings.ADMINS = [("", "admin@example.com")]
    outbox.tell_administrators("Webhook “ATS” was switched off", "It failed for 3 days.\n")
    message = Message.objects.get()
    use_backend(Away)
    sender.send_message(message.pk)
    assert (again(message).state, again(message).error) == (
        "queued",
        "The mail server could not be reached.",
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for _ in range(2):
        make_due(message)
        sender.send_message(message.pk)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (
        ["admin@example.com"],
        "Webhook “ATS” was switched off",
        "It failed for 3 days.\n",
    )
    assert (sent.from_email, sent.attachments) == (settings.SERVER_EMAIL, [])
    assert sent.extra_headers["Message-ID"] == f"<notice.{message.pk}@tests.example.com>"
    assert (again(message).state, again(message).error) == ("sent", "")


def test_a_notice_is_not_lost_in_silence_where_mail_is_switched_off(mail_on, settings):
    settings.ADMINS = [("", "admin@example.com")]
    outbox.tell_administrators("Away", "Something was given up.")
    settings.MAIL_IS_ON = False
    sender.send_message(Message.objects.get().pk)
    assert Message.objects.get().error == "E-mail is switched off on this server."


def test_an_address_that_is_refused_for_good_is_not_tried_again(message, use_backend):
    use_backend(RefusesForGood)
    sender.send_message(message.pk)
    failed = again(message)
    assert (failed.state, failed.error) == ("failed", "The mail server refuses this address (550).")


def test_after_a_day_it_is_given_up(message, use_backend):
    use_backend(Away)
    assert sum(BACK_OFF) == 24 * 60
    for _ in BACK_OFF:
        sender.send_message(message.pk)
        assert again(message).state == "queued"
        make_due(message)
    sender.send_message(message.pk)
    failed = again(message)
    assert (failed.state, failed.error) == (
        "failed",
        "The mail server could not be reached. It was tried for a day.",
    )


def test_it_arrives_when_the_server_is_back(message, use_backend, settings):
    use_backend(Away)
    sender.send_message(message.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make_due(message)
    sender.send_message(message.pk)
    assert (len(mail.outbox), again(message).state, again(message).error) == (1, "sent", "")


def test_after_a_worker_died_it_is_tried_again_but_not_at_once(message, use_backend, settings):
    use_backend(WorkerDies)
    before = now()
    with pytest.raises(SystemExit):
        sender.send_message(message.pk)
    held = again(message)
    assert (held.state, held.attempts) == ("queued", 1)
    assert held.send_at >= before + HELD
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sender.send_message(message.pk)
    assert mail.outbox == []
    make_due(message)
    sender.send_message(message.pk)
    assert (len(mail.outbox), again(message).state) == (1, "sent")


def test_a_message_that_kills_every_worker_is_given_up(message):
    Message.objects.filter(pk=message.pk).update(attempts=len(BACK_OFF) + 1)
    sender.send_message(message.pk)
    failed = again(message)
    assert (failed.state, failed.error) == (
        "failed",
        "Sending it was interrupted again and again.",
    )


def test_what_is_switched_off_meanwhile_is_not_lost_in_silence(message, settings):
    settings.MAIL_IS_ON = False
    sender.send_message(message.pk)
    failed = again(message)
    assert (failed.state, failed.error) == ("failed", "E-mail is switched off on this server.")


def test_a_withdrawn_invitation_is_not_sent(mailed):
    interview = mailed()
    actions.revoke(interview, by="recruiter")
    (message,) = messages(interview, "invitation")
    sender.send_message(message.pk)
    assert (mail.outbox, again(message).state) == ([], "skipped")


def test_a_deleted_interview_is_not_written_about(mailed):
    interview = mailed()
    interview.delete()
    (message,) = messages(interview, "invitation")
    sender.send_message(message.pk)
    assert (again(message).state, again(message).error) == (
        "skipped",
        "The interview is no longer there.",
    )


def test_a_candidate_who_did_not_start_is_reminded_once(mailed):
    (reminder,) = messages(mailed(), "reminder")
    make_due(reminder)
    sender.send_message(reminder.pk)
    sender.send_message(reminder.pk)
    (sent,) = mail.outbox
    assert sent.subject == "Reminder: your take-home test: Word count"
    assert again(reminder).state == "sent"


def test_a_candidate_who_started_is_not_reminded(mailed, engine):
    interview = mailed()
    runner.run_operation(actions.activate(interview, by="candidate"))
    assert operation_of(interview).status == "completed"
    (reminder,) = messages(interview, "reminder")
    make_due(reminder)
    sender.send_message(reminder.pk)
    assert (mail.outbox, again(reminder).state) == ([], "skipped")


def test_a_reminder_that_comes_too_late_is_not_sent(mailed):
    interview = mailed()
    fresh(interview).change(valid_until=now() - timedelta(seconds=1))
    (reminder,) = messages(interview, "reminder")
    make_due(reminder)
    sender.send_message(reminder.pk)
    assert (again(reminder).state, again(reminder).error) == ("skipped", "The moment had passed.")


def test_a_tick_rings_for_what_is_due(mailed, enqueued):
    due = [messages(mailed(), "invitation")[0] for _ in range(3)]
    enqueued.clear()
    sender.send_due()
    assert enqueued == [("operations.send", str(message.pk)) for message in due]


def test_a_ring_is_repeated_only_when_nobody_came(message, enqueued):
    enqueued.clear()
    sender.send_due()
    sender.send_due()
    assert enqueued == [("operations.send", str(message.pk))]
    Message.objects.update(rung_at=now() - timedelta(minutes=2))
    sender.send_due()
    assert len(enqueued) == 2


def test_a_mail_server_that_hangs_keeps_a_few_workers_at_most(mailed, enqueued):
    for _ in range(sender.AT_ONCE + 2):
        mailed()
    enqueued.clear()
    sender.send_due()
    assert len(enqueued) == sender.AT_ONCE
    # Two of them are being sent, and hang.
    for message in Message.objects.exclude(rung_at=None)[:2]:
        assert message.claim(now())
    enqueued.clear()
    sender.send_due()
    assert enqueued == []


@pytest.mark.parametrize("backend", [Away, RefusesForNow, RefusesForGood, Odd])
def test_no_passcode_gets_into_a_log_a_row_or_a_task(
    mailed, use_backend, backend, enqueued, stream, caplog
):
    use_backend(backend)
    with structlog.testing.capture_logs() as lines:
        interview = mailed()
        sender.send_due()
        sender.send_message(messages(interview)[0].pk)
    assert interview.passcode
    rows = str(list(Message.objects.values()))
    for place in (str(lines), caplog.text, rows, str(enqueued), stream.text):
        assert interview.passcode not in place
    assert [line["reason"] for line in lines if line["event"] == "mail_not_sent"] != []
