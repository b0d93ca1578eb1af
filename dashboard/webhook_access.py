"""The webhook or the message that an address names."""

from uuid import UUID

from django.http import Http404

from operations.webhooks.models import Delivery, Webhook

# No database holds a greater one.
MAX_ID = 2**63 - 1


def webhook_or_404(webhook_id: int) -> Webhook:
    """Raises Http404."""
    found = Webhook.objects.filter(pk=webhook_id).first() if webhook_id <= MAX_ID else None
    if found is None:
        raise Http404("There is no such webhook.")
    return found


def delivery_or_404(webhook: Webhook, delivery_id: UUID) -> Delivery:
    """Raises Http404."""
    found = Delivery.objects.filter(webhook=webhook, pk=delivery_id).first()
    if found is None:
        raise Http404("There is no such message.")
    return found
