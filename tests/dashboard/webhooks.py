"""Factories of webhooks and their messages."""

import json
from typing import Any

from django.utils import timezone

from operations.webhooks.models import (
    DEFAULT_TYPES,
    STATUS_CHANGED,
    Delivery,
    DeliveryStatus,
    Webhook,
)

URL = "https://hooks.example.com/in"
SECRET = "whsec_" + "c2VjcmV0" * 5


def make_webhook(**attributes: Any) -> Webhook:
    usual = {"name": "ATS", "url": URL, "secret": SECRET, "types": list(DEFAULT_TYPES)}
    return Webhook.objects.create(**{**usual, "created_by": "recruiter", **attributes})


def make_delivery(webhook: Webhook, **attributes: Any) -> Delivery:
    delivery = Delivery(
        webhook=webhook,
        event=STATUS_CHANGED,
        interview_id="takehome-1",
        moment=Delivery.objects.count(),
    )
    about = {"id": "takehome-1", "type": "take-home", "status": "completed"}
    delivery.body = json.dumps({"id": str(delivery.pk), "interview": about})
    for name, value in attributes.items():
        setattr(delivery, name, value)
    if delivery.state == DeliveryStatus.DELIVERED:
        delivery.delivered_at = timezone.now()
    delivery.save()
    return delivery
