"""The log of one webhook's deliveries: pages, and counts by state."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Q

from interviews.pagination import cursors
from interviews.pagination.cursors import InvalidCursorError
from operations.webhooks.models import Delivery, DeliveryStatus, Webhook

PAGE_SIZE = 50


@dataclass(frozen=True)
class DeliveryPage:
    """Deliveries, the newest first; `next` is the next page's cursor, None on the last page."""

    items: list[Delivery]
    next: str | None


def list_deliveries(
    webhook: Webhook,
    *,
    states: tuple[DeliveryStatus, ...] = (),
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> DeliveryPage:
    """List the deliveries in one of the states, or all of them.

    Raises:
        InvalidCursorError: if the cursor is not from an earlier page.
    """
    rows = Delivery.objects.filter(webhook=webhook)
    if states:
        rows = rows.filter(state__in=states)
    if cursor:
        created_at, last_id = _decode_cursor(cursor)
        rows = rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=last_id))
    deliveries = list(rows[: size + 1])
    items = deliveries[:size]
    if len(deliveries) <= size:
        return DeliveryPage(items, None)
    return DeliveryPage(
        items, cursors.encode_cursor([items[-1].created_at.isoformat(), str(items[-1].pk)])
    )


def delivery_counts(webhook: Webhook) -> dict[str, int]:
    """Return the number of deliveries by state."""
    rows = Delivery.objects.filter(webhook=webhook).order_by()
    return dict(rows.values_list("state").annotate(Count("pk")))


def messages_about(interview_id: str) -> list[Delivery]:
    """Return the deliveries to all webhooks about one interview."""
    return list(Delivery.objects.filter(interview_id=interview_id).select_related("webhook"))


def _decode_cursor(cursor: str) -> tuple[datetime, uuid.UUID]:
    value = cursors.decode_cursor(cursor)
    try:
        time_text, id_text = value
        created_at, last_id = datetime.fromisoformat(time_text), uuid.UUID(id_text)
        if created_at.tzinfo is None:
            raise InvalidCursorError(cursor)
        # The conversion overflows for times close to datetime.max.
        return created_at.astimezone(UTC), last_id
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise InvalidCursorError(cursor) from None
