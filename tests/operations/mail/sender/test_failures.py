"""Failing mail servers and workers that die."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from interviews.dynamodb import now
from operations.mail import outbox, sender
from operations.mail.models import LEASE, RETRY_MINUTES, Message
from tests.operations.mail.sender.servers import (
    Away,
    Odd,
    RefusesForGood,
    RefusesForNow,
    WorkerDies,
    again,
    make_due,
)


class RefusesTheSender(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPSenderRefused(530, messages[0].body.encode(), "tests@example.com")


class WrongPassword(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPAuthenticationError(535, b"no")


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
def test_temporary_failure_is_retried(message, use_backend, backend, sentence):
    use_backend(backend)
    before = now()
    sender.send_message(message.pk)
    waiting = again(message)
    assert (waiting.state, waiting.attempts, waiting.error) == ("queued", 1, sentence)
    wait = waiting.send_at - before
    assert timedelta(minutes=1) <= wait < timedelta(minutes=2)


def test_notice_is_retried_and_sent_once(mail_on, settings, use_backend):
    settings.ADMINS = [("", "admin@example.com")]
    outbox.notify_administrators("Webhook “ATS” was switched off", "It failed for 3 days.\n")
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


def test_notice_with_mail_switched_off_fails_with_a_reason(mail_on, settings):
    settings.ADMINS = [("", "admin@example.com")]
    outbox.notify_administrators("Away", "Something was given up.")
    settings.MAIL_IS_ON = False
    sender.send_message(Message.objects.get().pk)
    assert Message.objects.get().error == "Email is switched off on this server."


def test_permanent_failure_is_not_retried(message, use_backend):
    use_backend(RefusesForGood)
    sender.send_message(message.pk)
    failed = again(message)
    assert (failed.state, failed.error) == ("failed", "The mail server refuses this address (550).")


def test_message_fails_after_a_day_of_retries(message, use_backend):
    use_backend(Away)
    assert sum(RETRY_MINUTES) == 24 * 60
    for _ in RETRY_MINUTES:
        sender.send_message(message.pk)
        assert again(message).state == "queued"
        make_due(message)
    sender.send_message(message.pk)
    failed = again(message)
    assert (failed.state, failed.error) == (
        "failed",
        "The mail server could not be reached. It was tried for a day.",
    )


def test_message_is_sent_when_the_server_is_back(message, use_backend, settings):
    use_backend(Away)
    sender.send_message(message.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make_due(message)
    sender.send_message(message.pk)
    assert (len(mail.outbox), again(message).state, again(message).error) == (1, "sent", "")


def test_message_of_a_dead_worker_is_retried_after_the_lease(message, use_backend, settings):
    use_backend(WorkerDies)
    before = now()
    with pytest.raises(SystemExit):
        sender.send_message(message.pk)
    held = again(message)
    assert (held.state, held.attempts) == ("queued", 1)
    assert held.send_at >= before + LEASE
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sender.send_message(message.pk)
    assert mail.outbox == []
    make_due(message)
    sender.send_message(message.pk)
    assert (len(mail.outbox), again(message).state) == (1, "sent")


def test_message_that_kills_every_worker_fails(message):
    Message.objects.filter(pk=message.pk).update(attempts=len(RETRY_MINUTES) + 1)
    sender.send_message(message.pk)
    failed = again(message)
    assert (failed.state, failed.error) == (
        "failed",
        "Sending it was interrupted again and again.",
    )


def test_message_with_mail_switched_off_fails_with_a_reason(message, settings):
    settings.MAIL_IS_ON = False
    sender.send_message(message.pk)
    failed = again(message)
    assert (failed.state, failed.error) == ("failed", "Email is switched off on this server.")
