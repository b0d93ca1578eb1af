"""Where changes are sent to, and every message that was or will be sent there."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from interviews.models import DRY_RUN, LIVE, TAKE_HOME

TYPES = {TAKE_HOME: "Take-home tests", LIVE: "Live interviews", DRY_RUN: "Dry runs"}
# A dry run is nobody's interview.
USUAL_TYPES = (TAKE_HOME, LIVE)

STATUS_CHANGED = "interview.status_changed"
# Sent once, by hand: it is not tried again, and a failure of it does not count.
TEST = "webhook.test"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    # It will be tried again, at `next_at`.
    FAILED = "failed", "Failed"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"


UNFINISHED = (DeliveryStatus.PENDING, DeliveryStatus.FAILED)


def usual_types() -> list[str]:
    return list(USUAL_TYPES)


class Webhook(models.Model):
    """An address that is told of changes. The secret is kept as it is: signing needs it."""

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=2000)
    types = models.JSONField(default=usual_types)
    # Empty: every status.
    statuses = models.JSONField(default=list, blank=True)
    sends_name = models.BooleanField(default=False)
    secret = models.CharField(max_length=100)
    # Signs as well, until then: a receiver can be given the new one in between.
    old_secret = models.CharField(max_length=100, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)

    is_active = models.BooleanField(default=True)
    # Since the last success: when it first failed, and how often it did.
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Webhook {self.pk}>"

    @property
    def secrets(self) -> list[str]:
        """Those that a message is signed with now."""
        has_old = self.old_secret_until is not None and self.old_secret_until > timezone.now()
        return [self.secret, self.old_secret] if has_old else [self.secret]

    def wants(self, type_: str, status: str) -> bool:
        return type_ in self.types and (not self.statuses or status in self.statuses)


class Delivery(models.Model):
    """One message to one webhook: the row is the queue, and afterwards the log."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    # The change that it tells of: its place in the interview's timeline. None: a test.
    interview_id = models.CharField(max_length=100, null=True, blank=True)
    moment = models.PositiveIntegerField(null=True, blank=True)
    event = models.CharField(max_length=60)
    # Exactly what is signed and sent.
    body = models.TextField()

    state = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    # A worker was rung for; and the worker that is sending it now.
    rung_until = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    # Of the last attempt. `error` may also say what was odd about a success.
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=("webhook", "interview_id", "moment"), name="one_delivery_per_change"
            )
        ]
        indexes = [
            models.Index(fields=("webhook", "-created_at", "-id"), name="delivery_log"),
            models.Index(
                fields=("webhook", "next_at"),
                condition=models.Q(state__in=("pending", "failed")),
                name="delivery_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def is_being_sent(self) -> bool:
        return self.lease_until is not None and self.lease_until > timezone.now()


def is_due(at: datetime) -> models.Q:
    """What should be sent at that moment and what no worker is at. Of the row alone: two writes
    under this condition are not both done."""
    is_free = models.Q(lease_until=None) | models.Q(lease_until__lte=at)
    return is_free & models.Q(state__in=UNFINISHED, next_at__lte=at)
