"""One attempt at one delivery: acquire it, send it, and record the outcome."""

import secrets
from datetime import timedelta
from random import SystemRandom

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import override

from interviews.events import WebhookChanged, publish
from operations.mail import outbox
from operations.webhooks import http_client, signing
from operations.webhooks.address_check import SendError
from operations.webhooks.http_client import HTTP_GONE, Outcome
from operations.webhooks.models import (
    TEST,
    Delivery,
    DeliveryStatus,
    Webhook,
    is_due,
)

logger = structlog.get_logger(__name__)

# The delays after each failed attempt; together about 23 hours.
RETRY_DELAYS = (
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
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1
# A random fraction of the delay, so that messages that failed together are not retried together.
JITTER = 0.1
# Far longer than an attempt can take, so that a worker with an expired lease must have died.
LEASE = timedelta(seconds=60)

# A webhook is switched off after this long and this many failures without a success.
DISABLE_AFTER = timedelta(days=3)
DISABLE_AFTER_FAILURES = 10

_random = SystemRandom()


def attempt_delivery(delivery_id: str) -> int | None:
    """Send a delivery if it is due and no other worker is sending it.

    Returns the webhook's id, or None if there was nothing to do.
    """
    delivery = _acquire(delivery_id)
    if delivery is None:
        return None
    webhook = delivery.webhook
    try:
        if delivery.attempts > MAX_ATTEMPTS:
            raise SendError("The worker stopped each time before it was sent.")
        headers = signing.signature_headers(str(delivery.pk), delivery.body, webhook.secrets)
        # What it says is stored.
        with override("en"):
            outcome = http_client.post_json(webhook.url, delivery.body, headers)
    except SendError as refusal:
        outcome = Outcome(0, error=str(refusal))
    except Exception:
        # Our own bug must not send the message again and again.
        logger.exception("webhook_not_sent", delivery=delivery_id)
        outcome = Outcome(0, error="Something went wrong. The error was logged.")
    logger.info(
        "webhook_sent",
        delivery=delivery_id,
        webhook=webhook.pk,
        attempt=delivery.attempts,
        status_code=outcome.status_code,
        duration_ms=outcome.duration_ms,
    )
    if _save_outcome(delivery, outcome):
        _update_webhook(delivery, outcome)
    publish(WebhookChanged(webhook_id=webhook.pk))
    return int(webhook.pk)


def retry_delay(attempts: int) -> timedelta | None:
    """Return the delay after that many failed attempts, or None to give up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return RETRY_DELAYS[attempts - 1] * _random.uniform(1 - JITTER, 1 + JITTER)


def _acquire(delivery_id: str) -> Delivery | None:
    """Acquire the lease; of concurrent workers only one gets it. Counts the attempt in advance."""
    deliveries = Delivery.objects.filter(pk=delivery_id, webhook__is_active=True)
    if not deliveries.exists():
        return None
    at = timezone.now()
    lease = secrets.token_hex(16)
    Delivery.objects.filter(is_due(at), pk=delivery_id).update(
        lease=lease, lease_until=at + LEASE, rung_until=None, attempts=F("attempts") + 1
    )
    return deliveries.select_related("webhook").filter(lease=lease).first()


def _save_outcome(delivery: Delivery, outcome: Outcome) -> bool:
    """Record the outcome; return False if the lease was lost and another worker records its own."""
    at = timezone.now()
    next_at = None
    state = DeliveryStatus.DELIVERED
    if not outcome.is_delivered:
        delay = retry_delay(delivery.attempts) if delivery.event != TEST else None
        state = DeliveryStatus.GIVEN_UP if delay is None else DeliveryStatus.FAILED
        if delay is not None:
            next_at = at + max(delay, timedelta(seconds=outcome.retry_after))
    leased = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
    written = leased.update(
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


def _update_webhook(delivery: Delivery, outcome: Outcome) -> None:
    """Count the webhook's failures, and switch it off if there are too many."""
    webhooks = Webhook.objects.filter(pk=delivery.webhook_id)
    if outcome.is_delivered:
        webhooks.filter(failures__gt=0).update(failing_since=None, failures=0)
        return
    if delivery.event == TEST:
        return
    at = timezone.now()
    webhooks.update(failing_since=Coalesce("failing_since", at), failures=F("failures") + 1)
    if outcome.status_code == HTTP_GONE:
        _disable(delivery.webhook, "It answered 410 Gone, so it wants no more messages.")
        return
    if webhooks.filter(
        failing_since__lte=at - DISABLE_AFTER, failures__gte=DISABLE_AFTER_FAILURES
    ).exists():
        days = DISABLE_AFTER.days
        _disable(
            delivery.webhook,
            f"No message was delivered for {days} days. Last error: {outcome.error}",
        )


def _disable(webhook: Webhook, reason: str) -> None:
    """Switch the webhook off and notify administrators once; its queued messages stay."""
    url = f"\n\n{settings.SITE_URL}/webhooks/{webhook.pk}/" if settings.SITE_URL else ""
    with transaction.atomic():
        switched = Webhook.objects.filter(pk=webhook.pk, is_active=True).update(
            is_active=False, disabled_at=timezone.now(), disabled_because=reason[:300]
        )
        if not switched:
            return
        # In the same transaction, so that the notification cannot get lost.
        outbox.notify_administrators(
            f"Webhook “{webhook.name}” was switched off",
            f"{reason}\n\nNew changes aren't sent to it. Queued messages are sent when you switch "
            f"it on again on its page in the dashboard.{url}\n",
        )
    logger.warning("webhook_switched_off", webhook=webhook.pk)
