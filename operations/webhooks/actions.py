"""What a person can ask for of webhooks: pages and API call these."""

import uuid
from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

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
    STATUS_CHANGED,
    TEST,
    Delivery,
    DeliveryStatus,
    Webhook,
)
from operations.webhooks.schemas import WebhookInput

logger = structlog.get_logger(__name__)

# Each has workers for itself.
MOST_WEBHOOKS = 20
# For so long a message is signed with the secret of before as well.
OLD_SECRET_LASTS = timedelta(hours=24)


def create(wanted: WebhookInput, *, by: str) -> Webhook:
    """A webhook that is told of every change from now on. InvalidInputError, WrongStateError."""
    if Webhook.objects.count() >= MOST_WEBHOOKS:
        raise WrongStateError(f"There are {MOST_WEBHOOKS} webhooks already: delete one first.")
    _check(wanted)
    webhook = Webhook.objects.create(
        **wanted.model_dump(), secret=signing.new_secret(), created_by=by
    )
    _done("webhook_created", webhook, by)
    audit.record(AuditAction.WEBHOOK_CREATED, target=webhook.name)
    return webhook


def change(webhook: Webhook, wanted: WebhookInput, *, by: str) -> None:
    """What was queued before goes to the new address, as it was written. InvalidInputError."""
    if wanted.url != webhook.url:
        _check(wanted)
    for name, value in wanted.model_dump().items():
        setattr(webhook, name, value)
    # Not `save`, which fails where somebody deletes it in this moment.
    Webhook.objects.filter(pk=webhook.pk).update(**wanted.model_dump())
    _done("webhook_changed", webhook, by)
    audit.record(AuditAction.WEBHOOK_CHANGED, target=webhook.name)


def delete(webhook: Webhook, *, by: str) -> None:
    """With all that was sent to it, and all that waits."""
    webhook_id = webhook.pk
    webhook.delete()
    logger.info("webhook_deleted", webhook=webhook_id, by=by)
    publish(WebhookChanged(webhook_id=webhook_id))
    audit.record(AuditAction.WEBHOOK_DELETED, target=webhook.name)


def roll_secret(webhook: Webhook, *, by: str) -> str:
    """A new secret, which is shown this once; the old one signs as well for OLD_SECRET_LASTS.
    WrongStateError: somebody else made one since this object was read, and theirs is the new
    one."""
    new = signing.new_secret()
    made = Webhook.objects.filter(pk=webhook.pk, secret=webhook.secret).update(
        secret=new, old_secret=webhook.secret, old_secret_until=timezone.now() + OLD_SECRET_LASTS
    )
    if not made:
        raise WrongStateError("Somebody else made a new secret, or deleted it, in this moment.")
    _done("webhook_secret_rolled", webhook, by)
    audit.record(AuditAction.WEBHOOK_SECRET_RENEWED, target=webhook.name)
    return new


def switch_off(webhook: Webhook, *, by: str) -> None:
    """It is told of no change from now on; what waits for it goes on waiting."""
    Webhook.objects.filter(pk=webhook.pk, is_active=True).update(
        is_active=False, disabled_at=timezone.now(), disabled_because=f"Switched off by {by}."
    )
    _done("webhook_switched_off", webhook, by)
    audit.record(AuditAction.WEBHOOK_SWITCHED_OFF, target=webhook.name)


def switch_on(webhook: Webhook, *, by: str) -> None:
    """What waits is sent. What has happened meanwhile it is not told of."""
    Webhook.objects.filter(pk=webhook.pk, is_active=False).update(
        is_active=True, disabled_at=None, disabled_because="", failing_since=None, failures=0
    )
    _done("webhook_switched_on", webhook, by)
    periodic.ring_for(webhook.pk)
    audit.record(AuditAction.WEBHOOK_SWITCHED_ON, target=webhook.name)


def send_test(webhook: Webhook, *, by: str) -> Delivery:
    """Queue a message that tells of nothing. WrongStateError: it is switched off."""
    if not webhook.is_active:
        raise WrongStateError("This webhook is switched off: switch it on first.")
    message_id = uuid.uuid4()
    delivery = Delivery.objects.create(
        id=message_id, webhook=webhook, event=TEST, body=payload.of_test(message_id, webhook)
    )
    _done("webhook_tested", webhook, by)
    periodic.ring_for(webhook.pk)
    audit.record(AuditAction.WEBHOOK_TESTED, target=webhook.name)
    return delivery


def resend(delivery: Delivery, *, by: str) -> None:
    """Send the same message again, now; a receiver knows it by its id. WrongStateError: it is being
    sent in this moment, or its webhook is switched off."""
    if not delivery.webhook.is_active:
        raise WrongStateError("This webhook is switched off: switch it on first.")
    if not _requeue(delivery.webhook, pk=delivery.pk):
        raise WrongStateError("It is being sent in this moment.")
    _done("webhook_resent", delivery.webhook, by)
    periodic.ring_for(delivery.webhook_id)
    audit.record(
        AuditAction.WEBHOOK_RESENT, delivery.interview_id or "", target=delivery.webhook.name
    )


def resend_given_up(webhook: Webhook, *, by: str) -> int:
    """Everything that was given up and is still in the log; returns how much that is."""
    if not webhook.is_active:
        raise WrongStateError("This webhook is switched off: switch it on first.")
    count = _requeue(webhook, state=DeliveryStatus.GIVEN_UP, event=STATUS_CHANGED)
    _done("webhook_resent", webhook, by)
    periodic.ring_for(webhook.pk)
    audit.record(AuditAction.WEBHOOK_RESENT, target=webhook.name)
    return count


def _requeue(webhook: Webhook, **which: object) -> int:
    at = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    return Delivery.objects.filter(free, webhook=webhook, **which).update(
        state=DeliveryStatus.PENDING, attempts=0, next_at=at, rung_until=None, delivered_at=None
    )


def _check(wanted: WebhookInput) -> None:
    """InvalidInput, as it would be refused at the first message."""
    try:
        address_check.look_up(*address_check.check_url(wanted.url))
    except SendError as refusal:
        raise InvalidInputError("url", str(refusal)) from None


def _done(what: str, webhook: Webhook, by: str) -> None:
    logger.info(what, webhook=webhook.pk, by=by)
    publish(WebhookChanged(webhook_id=webhook.pk))
