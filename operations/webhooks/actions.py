"""The actions on webhooks and their deliveries, for the pages and the API."""

import uuid
from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from interviews.events import WebhookChanged, publish
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError, WrongStateError
from operations.webhooks import (
    address_check,
    payload,
    periodic,
    signing,
)
from operations.webhooks.address_check import SendError
from operations.webhooks.models import (
    EVENTS,
    TEST,
    Delivery,
    DeliveryStatus,
    Webhook,
)
from operations.webhooks.schemas import WebhookInput

logger = structlog.get_logger(__name__)

# Each webhook takes up to MAX_CONCURRENT workers.
MAX_WEBHOOKS = 20
# How long messages are also signed with the previous secret.
OLD_SECRET_LIFETIME = timedelta(hours=24)


def create(data: WebhookInput, *, by: str) -> Webhook:
    """Create a webhook, which receives every change from now on.

    Raises:
        WrongStateError: if there are MAX_WEBHOOKS already.
        InvalidInputError: if the address is not allowed.
    """
    if Webhook.objects.count() >= MAX_WEBHOOKS:
        raise WrongStateError(
            _("The limit is %(limit)s webhooks. Delete one first.") % {"limit": MAX_WEBHOOKS}
        )
    _check(data)
    webhook = Webhook.objects.create(
        **data.model_dump(), secret=signing.new_secret(), created_by=by
    )
    _done("webhook_created", webhook, by)
    audit.record(AuditAction.WEBHOOK_CREATED, target=webhook.name)
    return webhook


def change(webhook: Webhook, data: WebhookInput, *, by: str) -> None:
    """Change a webhook; queued messages go to the new address, unchanged.

    Raises:
        InvalidInputError: if the new address is not allowed.
    """
    if data.url != webhook.url:
        _check(data)
    for name, value in data.model_dump().items():
        setattr(webhook, name, value)
    # Not `save`, which fails if it has just been deleted.
    Webhook.objects.filter(pk=webhook.pk).update(**data.model_dump())
    _done("webhook_changed", webhook, by)
    audit.record(AuditAction.WEBHOOK_CHANGED, target=webhook.name)


def delete(webhook: Webhook, *, by: str) -> None:
    """Delete a webhook with its sent and its queued messages."""
    webhook_id = webhook.pk
    webhook.delete()
    logger.info("webhook_deleted", webhook=webhook_id, by=by)
    publish(WebhookChanged(webhook_id=webhook_id))
    audit.record(AuditAction.WEBHOOK_DELETED, target=webhook.name)


def roll_secret(webhook: Webhook, *, by: str) -> str:
    """Return a new secret, which is shown only once; the old one also signs for
    OLD_SECRET_LIFETIME.

    Raises:
        WrongStateError: if the secret changed since `webhook` was read.
    """
    new = signing.new_secret()
    made = Webhook.objects.filter(pk=webhook.pk, secret=webhook.secret).update(
        secret=new, old_secret=webhook.secret, old_secret_until=timezone.now() + OLD_SECRET_LIFETIME
    )
    if not made:
        raise WrongStateError(_("Someone else just renewed the secret or deleted the webhook."))
    _done("webhook_secret_rolled", webhook, by)
    audit.record(AuditAction.WEBHOOK_SECRET_RENEWED, target=webhook.name)
    return new


def switch_off(webhook: Webhook, *, by: str) -> None:
    """Stop sending changes to a webhook; queued messages keep waiting."""
    Webhook.objects.filter(pk=webhook.pk, is_active=True).update(
        is_active=False, disabled_at=timezone.now(), disabled_because=f"Switched off by {by}."
    )
    _done("webhook_switched_off", webhook, by)
    audit.record(AuditAction.WEBHOOK_SWITCHED_OFF, target=webhook.name)


def switch_on(webhook: Webhook, *, by: str) -> None:
    """Send its queued messages and future changes, but not those from while it was off."""
    Webhook.objects.filter(pk=webhook.pk, is_active=False).update(
        is_active=True, disabled_at=None, disabled_because="", failing_since=None, failures=0
    )
    _done("webhook_switched_on", webhook, by)
    periodic.dispatch_due_deliveries(webhook.pk)
    audit.record(AuditAction.WEBHOOK_SWITCHED_ON, target=webhook.name)


def send_test(webhook: Webhook, *, by: str) -> Delivery:
    """Queue a test message.

    Raises:
        WrongStateError: if the webhook is switched off.
    """
    if not webhook.is_active:
        raise WrongStateError(_("This webhook is switched off. Switch it on first."))
    message_id = uuid.uuid4()
    delivery = Delivery.objects.create(
        id=message_id, webhook=webhook, event=TEST, body=payload.test_payload(message_id, webhook)
    )
    _done("webhook_tested", webhook, by)
    periodic.dispatch_due_deliveries(webhook.pk)
    audit.record(AuditAction.WEBHOOK_TESTED, target=webhook.name)
    return delivery


def resend(delivery: Delivery, *, by: str) -> None:
    """Send the same message again, now; a receiver recognises it by its id.

    Raises:
        WrongStateError: if it is being sent now, or its webhook is switched off.
    """
    if not delivery.webhook.is_active:
        raise WrongStateError(_("This webhook is switched off. Switch it on first."))
    if not _requeue(delivery.webhook, pk=delivery.pk):
        raise WrongStateError(_("This message is being sent right now."))
    _done("webhook_resent", delivery.webhook, by)
    periodic.dispatch_due_deliveries(delivery.webhook_id)
    audit.record(
        AuditAction.WEBHOOK_RESENT, delivery.interview_id or "", target=delivery.webhook.name
    )


def resend_given_up(webhook: Webhook, *, by: str) -> int:
    """Requeue all messages in the log that were given up; return how many.

    Raises:
        WrongStateError: if the webhook is switched off.
    """
    if not webhook.is_active:
        raise WrongStateError(_("This webhook is switched off. Switch it on first."))
    count = _requeue(webhook, state=DeliveryStatus.GIVEN_UP, event__in=EVENTS)
    _done("webhook_resent", webhook, by)
    periodic.dispatch_due_deliveries(webhook.pk)
    audit.record(AuditAction.WEBHOOK_RESENT, target=webhook.name)
    return count


def _requeue(webhook: Webhook, **which: object) -> int:
    at = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    return Delivery.objects.filter(free, webhook=webhook, **which).update(
        state=DeliveryStatus.PENDING, attempts=0, next_at=at, rung_until=None, delivered_at=None
    )


def _check(data: WebhookInput) -> None:
    """Check the address in the same way as sending a message does.

    Raises:
        InvalidInputError: if it is not allowed.
    """
    try:
        address_check.resolve_public_addresses(*address_check.check_url(data.url))
    except SendError as refusal:
        raise InvalidInputError("url", str(refusal)) from None


def _done(what: str, webhook: Webhook, by: str) -> None:
    logger.info(what, webhook=webhook.pk, by=by)
    publish(WebhookChanged(webhook_id=webhook.pk))
