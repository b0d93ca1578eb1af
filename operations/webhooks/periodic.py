"""What happens on a timer: changes become messages, due ones are rung for, old ones are removed."""

from datetime import timedelta

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone
from pynamodb.exceptions import PynamoDBException

from interviews import outbox
from operations.queue import dispatch
from operations.webhooks import delivery, outbox_relay
from operations.webhooks.models import UNFINISHED, Delivery, Webhook, is_due

logger = structlog.get_logger(__name__)

# Interviews that one tick sees to; the others are the next one's.
MOST_AT_ONCE = 200
# A ring that nobody heard is repeated after this.
RING_AGAIN = timedelta(seconds=dispatch.DELIVER_EXPIRES)
# So many messages of one webhook at a time: slow receivers must not take all workers. One that
# fails has to do with one.
AT_ONCE = 4
AT_ONCE_WHEN_FAILING = 1

# The log of what was sent goes back so far.
KEPT = timedelta(days=30)
REMOVED_AT_ONCE = 1000


def relay_and_dispatch() -> None:
    """Do what is due now. Ticks may overlap, repeat and be late."""
    _turn_changes()
    waiting = _free(Delivery.objects.filter(webhook__is_active=True)).order_by()
    for webhook_id in waiting.values_list("webhook_id", flat=True).distinct():
        ring_for(webhook_id)


def ring_for(webhook_id: int) -> None:
    """Ring for what is due of this webhook, as far as there is room."""
    webhook = Webhook.objects.filter(pk=webhook_id, is_active=True).first()
    if webhook is None:
        return
    at = timezone.now()
    mine = Delivery.objects.filter(webhook_id=webhook_id)
    taken = mine.filter(Q(rung_until__gt=at) | Q(lease_until__gt=at), state__in=UNFINISHED)
    room = (AT_ONCE_WHEN_FAILING if webhook.failures else AT_ONCE) - taken.count()
    if room <= 0:
        return
    waiting = _free(mine).order_by("next_at", "created_at").values_list("pk", flat=True)
    for delivery_id in waiting[:room]:
        # Of two that ring at once, one is told so.
        if _free(mine.filter(pk=delivery_id)).update(rung_until=at + RING_AGAIN):
            dispatch.enqueue_delivery(str(delivery_id))


def deliver(delivery_id: str) -> None:
    """Send one message, and ring for the next one of its webhook: nothing waits for a tick."""
    webhook_id = delivery.deliver(delivery_id)
    if webhook_id is not None:
        ring_for(webhook_id)


def delete_old_deliveries() -> None:
    """Remove what is older than the log goes back."""
    old = Delivery.objects.filter(created_at__lt=timezone.now() - KEPT)
    while ids := list(old.values_list("pk", flat=True)[:REMOVED_AT_ONCE]):
        Delivery.objects.filter(pk__in=ids).delete()


def _turn_changes() -> None:
    try:
        ids = list(outbox.pending_ids(MOST_AT_ONCE))
    except PynamoDBException:
        logger.exception("changes_not_found")
        return
    for interview_id in ids:
        try:
            outbox_relay.relay(interview_id)
        except Exception:
            logger.exception("changes_not_turned", interview=interview_id)


def _free(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Those that are due, and that neither a worker is at nor was rung for."""
    at = timezone.now()
    return rows.filter(is_due(at), Q(rung_until=None) | Q(rung_until__lte=at))
