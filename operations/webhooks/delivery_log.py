"""The log of one webhook's messages, page by page, and what it comes to."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Q

from interviews.pagination import cursors
from interviews.pagination.cursors import InvalidCursorError
from operations.webhooks.models import Delivery, DeliveryStatus, Webhook

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Newest first; `next` is the cursor of the next page (None: this is the last)."""

    items: list[Delivery]
    next: str | None


def page(
    webhook: Webhook,
    *,
    states: tuple[DeliveryStatus, ...] = (),
    cursor: str | None = None,
    size: int = PAGE,
) -> Page:
    """Those in one of the states, or all. Raises InvalidCursorError."""
    rows = Delivery.objects.filter(webhook=webhook)
    if states:
        rows = rows.filter(state__in=states)
    if cursor:
        at, last = _read(cursor)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=last))
    found = list(rows[: size + 1])
    items = found[:size]
    if len(found) <= size:
        return Page(items, None)
    return Page(items, cursors.encode_cursor([items[-1].created_at.isoformat(), str(items[-1].pk)]))


def counts(webhook: Webhook) -> dict[str, int]:
    """How many there are, by state."""
    rows = Delivery.objects.filter(webhook=webhook).order_by()
    return dict(rows.values_list("state").annotate(Count("pk")))


def _read(cursor: str) -> tuple[datetime, uuid.UUID]:
    value = cursors.decode_cursor(cursor)
    try:
        at, last = value
        moment, id_ = datetime.fromisoformat(at), uuid.UUID(last)
        if moment.tzinfo is None:
            raise InvalidCursorError(cursor)
        # In another zone the last moments of time may have no place.
        return moment.astimezone(UTC), id_
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise InvalidCursorError(cursor) from None
