"""Mail servers that fail in ways of their own."""

import smtplib

from django.core.mail.backends.base import BaseEmailBackend

from interviews.dynamodb import now
from operations.mail.models import Message
from tests.operations.mail.conftest import ADDRESS


class Away(BaseEmailBackend):
    """A mail server that refuses the connection; its error quotes the message."""

    def send_messages(self, messages):
        raise ConnectionRefusedError(messages[0].body)


class RefusesForNow(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (451, messages[0].body.encode())})


class RefusesForGood(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, messages[0].body.encode())})


class Odd(BaseEmailBackend):
    """A third-party backend that raises its own exceptions."""

    def send_messages(self, messages):
        raise LookupError(messages[0].body)


class WorkerDies(BaseEmailBackend):
    def send_messages(self, messages):
        raise SystemExit


def again(message):
    return Message.objects.get(pk=message.pk)


def make_due(message):
    Message.objects.filter(pk=message.pk).update(send_at=now(), rung_at=None)
