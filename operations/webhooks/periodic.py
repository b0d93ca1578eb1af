"""The periodic tasks of webhooks: relay changes, dispatch due deliveries, delete old ones."""

from datetime import timedelta

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone
from pynamodb.exceptions import PynamoDBException

from interviews import outbox
from operations.queue import dispatch
from operations.webhooks import delivery, outbox_relay, submission_ready
from operations.webhooks.models import UNFINISHED, Delivery, Webhook, is_due

logger = structlog.get_logger(__name__)

# The most interviews in one run; the next run does the rest.
MAX_INTERVIEWS_PER_RUN = 200
# A dispatched delivery that no worker acquired is dispatched again after this time.
DISPATCH_AGAIN_AFTER = timedelta(seconds=dispatch.DELIVER_EXPIRES)
# The most concurrent deliveries to one webhook: slow receivers must not occupy all workers.
MAX_CONCURRENT = 4
MAX_CONCURRENT_WHEN_FAILING = 1

# How long deliveries stay in the log.
LOG_RETENTION = timedelta(days=30)
DELETE_BATCH = 1000


def relay_and_dispatch() -> None:
    """Relay new changes and dispatch due deliveries; runs may overlap, repeat and be late."""
    _relay_changes()
    submission_ready.ask_for_indexes()
    due = _dispatchable(Delivery.objects.filter(webhook__is_active=True)).order_by()
    for webhook_id in due.values_list("webhook_id", flat=True).distinct():
        dispatch_due_deliveries(webhook_id)


def dispatch_due_deliveries(webhook_id: int) -> None:
    """Dispatch due deliveries of this webhook, up to its limit of concurrent ones."""
    webhook = Webhook.objects.filter(pk=webhook_id, is_active=True).first()
    if webhook is None:
        return
    at = timezone.now()
    deliveries = Delivery.objects.filter(webhook_id=webhook_id)
    is_in_progress = Q(rung_until__gt=at) | Q(lease_until__gt=at)
    in_progress = deliveries.filter(is_in_progress, state__in=UNFINISHED)
    limit = MAX_CONCURRENT_WHEN_FAILING if webhook.failures else MAX_CONCURRENT
    free_slots = limit - in_progress.count()
    if free_slots <= 0:
        return
    due = _dispatchable(deliveries).order_by("next_at", "created_at").values_list("pk", flat=True)
    for delivery_id in due[:free_slots]:
        # Of two concurrent dispatchers, only one updates the row.
        row = _dispatchable(deliveries.filter(pk=delivery_id))
        if row.update(rung_until=at + DISPATCH_AGAIN_AFTER):
            dispatch.enqueue_delivery(str(delivery_id))


def deliver_and_dispatch_next(delivery_id: str) -> None:
    """Send one message and dispatch the webhook's next one, without waiting for the next run."""
    webhook_id = delivery.attempt_delivery(delivery_id)
    if webhook_id is not None:
        dispatch_due_deliveries(webhook_id)


def delete_old_deliveries() -> None:
    """Delete deliveries that are older than LOG_RETENTION."""
    old = Delivery.objects.filter(created_at__lt=timezone.now() - LOG_RETENTION)
    while ids := list(old.values_list("pk", flat=True)[:DELETE_BATCH]):
        Delivery.objects.filter(pk__in=ids).delete()


def _relay_changes() -> None:
    try:
        ids = list(outbox.pending_ids(MAX_INTERVIEWS_PER_RUN))
    except PynamoDBException:
        logger.exception("changes_not_found")
        return
    for interview_id in ids:
        try:
            outbox_relay.relay_changes(interview_id)
        except Exception:
            logger.exception("changes_not_turned", interview=interview_id)


def _dispatchable(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Filter deliveries that are due, not leased and not dispatched recently."""
    at = timezone.now()
    return rows.filter(is_due(at), Q(rung_until=None) | Q(rung_until__lte=at))
