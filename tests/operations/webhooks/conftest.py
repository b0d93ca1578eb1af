"""A receiver that listens, webhooks that lead to it, and messages for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from operations.webhooks import payload
from operations.webhooks.models import STATUS_CHANGED, Delivery, Webhook
from operations.webhooks.signing import new_secret
from tests.receiver import Receiver


@pytest.fixture(autouse=True)
def no_changes(tables: None) -> None:
    """A tick turns changes of interviews into messages: there are none but a test's own."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """It listens on this machine, which is allowed."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as listening:
        yield listening


@pytest.fixture
def make_webhook(db: None) -> Callable[..., Webhook]:
    def make(**attributes: Any) -> Webhook:
        usual = {"name": "ATS", "url": "https://hooks.example.com/in", "secret": new_secret()}
        return Webhook.objects.create(**{**usual, "created_by": "recruiter", **attributes})

    return make


@pytest.fixture
def webhook(make_webhook: Callable[..., Webhook], receiver: Receiver) -> Webhook:
    """One that leads to the receiver."""
    return make_webhook(url=receiver.url)


def message(webhook: Webhook, **attributes: Any) -> Delivery:
    """A message that waits, of a change that nobody made."""
    delivery = Delivery(
        webhook=webhook,
        event=STATUS_CHANGED,
        interview_id=attributes.pop("interview_id", "takehome-1"),
        moment=Delivery.objects.count(),
    )
    delivery.body = payload.test_payload(delivery.pk, webhook)
    for name, value in attributes.items():
        setattr(delivery, name, value)
    delivery.save()
    return delivery
