"""A real receiver, webhooks that send to it, and queued deliveries."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from operations.webhooks import payload
from operations.webhooks.models import DEFAULT_TYPES, STATUS_CHANGED, Delivery, Webhook
from operations.webhooks.signing import new_secret
from tests.receiver import Receiver


@pytest.fixture(autouse=True)
def no_changes(tables: None) -> None:
    """Start each test with empty tables: the periodic task relays every change it finds."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver on the loopback address, which the settings allow here."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def make_webhook(db: None) -> Callable[..., Webhook]:
    def make(**attributes: Any) -> Webhook:
        defaults = {"name": "ATS", "url": "https://hooks.example.com/in", "secret": new_secret()}
        attributes = {"types": list(DEFAULT_TYPES), "created_by": "recruiter"} | attributes
        return Webhook.objects.create(**{**defaults, **attributes})

    return make


@pytest.fixture
def webhook(make_webhook: Callable[..., Webhook], receiver: Receiver) -> Webhook:
    """A webhook that sends to the receiver."""
    return make_webhook(url=receiver.url)


def make_delivery(webhook: Webhook, **attributes: Any) -> Delivery:
    """Create a pending delivery of an invented change."""
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
