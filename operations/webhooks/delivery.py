"""One attempt at one message: claimed, sent, and written down with what follows from it."""

import secrets
from datetime import timedelta
from random import SystemRandom

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from interviews.events import WebhookChanged, publish
from operations.mail import outbox
from operations.webhooks import http_client, signing
from operations.webhooks.address_check import SendError
from operations.webhooks.http_client import GONE, Outcome
from operations.webhooks.models import (
    TEST,
    Delivery,
    DeliveryStatus,
    Webhook,
    is_due,
)

logger = structlog.get_logger(__name__)

# After each failure, until the next attempt: 23 hours together.
DELAYS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)
MOST_ATTEMPTS = len(DELAYS) + 1
# Those that failed together shall not come back together.
JITTER = 0.1
# Far longer than an attempt can take: whoever is silent for so long has died.
LEASE = timedelta(seconds=60)

# A webhook that has failed for so long, so often, and never succeeded in between, is switched off.
TOO_LONG = timedelta(days=3)
TOO_OFTEN = 10

_random = SystemRandom()


def deliver(delivery_id: str) -> int | None:
    """Send it, if it is due and nobody else is at it; returns the webhook whose turn it was."""
    delivery = _claim(delivery_id)
    if delivery is None:
        return None
    webhook = delivery.webhook
    try:
        if delivery.attempts > MOST_ATTEMPTS:
            raise SendError("Whatever sent it ended each time before it was done.")
        headers = signing.headers(str(delivery.pk), delivery.body, webhook.secrets)
        outcome = http_client.post_json(webhook.url, delivery.body, headers)
    except SendError as refusal:
        outcome = Outcome(0, error=str(refusal))
    except Exception:
        # A fault of ours must not make it be sent again and again.
        logger.exception("webhook_not_sent", delivery=delivery_id)
        outcome = Outcome(0, error="Something went wrong here; it has been noted.")
    logger.info(
        "webhook_sent",
        delivery=delivery_id,
        webhook=webhook.pk,
        attempt=delivery.attempts,
        status_code=outcome.status_code,
        duration_ms=outcome.duration_ms,
    )
    if _write(delivery, outcome):
        _draw_conclusions(delivery, outcome)
    publish(WebhookChanged(webhook_id=webhook.pk))
    return int(webhook.pk)


def delay_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts that failed; None: it is given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return DELAYS[attempts - 1] * _random.uniform(1 - JITTER, 1 + JITTER)


def _claim(delivery_id: str) -> Delivery | None:
    """Of several at once, one gets it. An attempt counts before it is made."""
    found = Delivery.objects.filter(pk=delivery_id, webhook__is_active=True)
    if not found.exists():
        return None
    at = timezone.now()
    lease = secrets.token_hex(16)
    Delivery.objects.filter(is_due(at), pk=delivery_id).update(
        lease=lease, lease_until=at + LEASE, rung_until=None, attempts=F("attempts") + 1
    )
    return found.select_related("webhook").filter(lease=lease).first()


def _write(delivery: Delivery, outcome: Outcome) -> bool:
    """False: the lease was lost, and what came of it is another's to say."""
    at = timezone.now()
    next_at = None
    state = DeliveryStatus.DELIVERED
    if not outcome.is_delivered:
        wait = delay_after(delivery.attempts) if delivery.event != TEST else None
        state = DeliveryStatus.GIVEN_UP if wait is None else DeliveryStatus.FAILED
        if wait is not None:
            next_at = at + max(wait, timedelta(seconds=outcome.retry_after))
    held = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
    written = held.update(
        state=state,
        next_at=next_at,
        delivered_at=at if outcome.is_delivered else None,
        lease="",
        lease_until=None,
        status_code=outcome.status_code,
        error=outcome.error[:300],
        duration_ms=outcome.duration_ms,
    )
    return written == 1


def _draw_conclusions(delivery: Delivery, outcome: Outcome) -> None:
    """What an attempt says of its webhook."""
    this = Webhook.objects.filter(pk=delivery.webhook_id)
    if outcome.is_delivered:
        this.filter(failures__gt=0).update(failing_since=None, failures=0)
        return
    if delivery.event == TEST:
        return
    at = timezone.now()
    this.update(failing_since=Coalesce("failing_since", at), failures=F("failures") + 1)
    if outcome.status_code == GONE:
        _switch_off(delivery.webhook, "It answered 410 Gone: it wants no more messages.")
        return
    if this.filter(failing_since__lte=at - TOO_LONG, failures__gte=TOO_OFTEN).exists():
        days = TOO_LONG.days
        _switch_off(
            delivery.webhook,
            f"Nothing could be delivered for {days} days. The last time: {outcome.error}",
        )


def _switch_off(webhook: Webhook, because: str) -> None:
    """Once, and administrators are told. What was not delivered stays and waits."""
    where = f"\n\n{settings.SITE_URL}/webhooks/{webhook.pk}/" if settings.SITE_URL else ""
    with transaction.atomic():
        switched = Webhook.objects.filter(pk=webhook.pk, is_active=True).update(
            is_active=False, disabled_at=timezone.now(), disabled_because=because[:300]
        )
        if not switched:
            return
        # In the same write: nobody dies in between.
        outbox.tell_administrators(
            f"Webhook “{webhook.name}” was switched off",
            f"{because}\n\nChanges from now on are not sent to it. What waits for it is sent once "
            f"it is switched on again, on its page in the dashboard.{where}\n",
        )
    logger.warning("webhook_switched_off", webhook=webhook.pk)
