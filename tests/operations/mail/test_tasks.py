"""The doors of the workers: ids come in, and what waits is rung for."""

from django.core import mail

from operations import tasks
from operations.bulk_import import service
from operations.bulk_import.columns import Defaults
from tests.operations.mail.conftest import messages


def test_a_message_is_sent_by_its_id(mailed):
    (message,) = messages(mailed(), "invitation")
    tasks.send(str(message.pk))
    assert len(mail.outbox) == 1


def test_one_tick_rings_for_messages_and_for_files(mailed, enqueued):
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


def test_what_is_young_is_not_forgotten(mailed):
    interview = mailed()
    tasks.forget_old()
    assert len(messages(interview)) == 2
