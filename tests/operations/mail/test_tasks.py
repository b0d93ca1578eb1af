"""The Celery tasks of e-mail and bulk invitations: they take ids and dispatch due work."""

from django.core import mail

from operations import tasks
from operations.bulk_import import service
from operations.bulk_import.columns import Defaults
from tests.operations.mail.conftest import messages


def test_a_message_is_sent_by_its_id(mailed):
    (message,) = messages(mailed(), "invitation")
    tasks.send(str(message.pk))
    assert len(mail.outbox) == 1


def test_one_run_dispatches_messages_and_bulk_invitations(mailed, enqueued):
    (message,) = messages(mailed(), "invitation")
    content = b"name,challenge\nGrace,word-count\n"
    batch = service.import_file("candidates.csv", content, Defaults(), by="grace")
    service.queue_rows(batch, by="grace")
    enqueued.clear()
    tasks.post()
    assert enqueued == [
        ("operations.send", str(message.pk)),
        ("operations.invite_rows", str(batch.pk)),
    ]
    tasks.invite_rows(str(batch.pk))
    assert batch.counts()["done"] == 1


def test_recent_messages_are_not_deleted(mailed):
    interview = mailed()
    tasks.forget_old()
    assert len(messages(interview)) == 2
