"""The tables of webhooks and of their deliveries."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME

TYPES = {TAKE_HOME: "Take-home tests", LIVE: "Live interviews", DRY_RUN: "Dry runs"}
# Dry runs have no candidate, so a webhook must subscribe to them explicitly.
DEFAULT_TYPES = (TAKE_HOME, LIVE)

STATUS_CHANGED = "interview.status_changed"
# Only to webhooks that ask for them: `Webhook.sends_edits`.
EDITED = "interview.edited"
RESCHEDULED = "interview.rescheduled"
# Only to webhooks that ask for them: `Webhook.sends_reviews`.
REVIEW_SUBMITTED = "review.submitted"
DECISION_MADE = "decision.made"
CHECKS_FINISHED = "checks.finished"
SUBMISSION_READY = "submission.ready"
EVENTS = (
    STATUS_CHANGED,
    EDITED,
    RESCHEDULED,
    REVIEW_SUBMITTED,
    DECISION_MADE,
    CHECKS_FINISHED,
    SUBMISSION_READY,
)
# Sent once on request: a failure is neither retried nor counted.
TEST = "webhook.test"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", _("Waiting")
    # It is retried at `next_at`.
    FAILED = "failed", _("Failed")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


UNFINISHED = (DeliveryStatus.PENDING, DeliveryStatus.FAILED)


class Webhook(models.Model):
    """An address that receives changes. The secret is stored in plain text for signing."""

    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("URL"), max_length=2000)
    # No default from code: a migration would have to import it.
    types = models.JSONField(_("interview types"))
    # Empty for every status.
    statuses = models.JSONField(_("statuses"), default=list, blank=True)
    sends_name = models.BooleanField(_("sends the candidate's name"), default=False)
    # Whether it is also told that an interview was edited or rescheduled.
    sends_edits = models.BooleanField(_("sends edits"), default=False, db_default=False)
    # Whether it is also told of reviews, decisions and checks.
    sends_reviews = models.BooleanField(_("sends reviews"), default=False, db_default=False)
    secret = models.CharField(_("secret"), max_length=100)
    # Also signs until `old_secret_until`, so that the receiver has time to change its secret.
    old_secret = models.CharField(_("old secret"), max_length=100, blank=True)
    old_secret_until = models.DateTimeField(_("old secret valid until"), null=True, blank=True)
    created_by = models.CharField(_("created by"), max_length=150)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    is_active = models.BooleanField(_("active"), default=True)
    # The first failure after the last success, and the number of failures since.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures"), default=0)
    disabled_at = models.DateTimeField(_("turned off"), null=True, blank=True)
    disabled_because = models.CharField(_("reason for turning off"), max_length=300, blank=True)

    class Meta:
        ordering = ("name", "id")
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Webhook {self.pk}>"

    @property
    def secrets(self) -> list[str]:
        """The secrets that sign a message now."""
        has_old = self.old_secret_until is not None and self.old_secret_until > timezone.now()
        return [self.secret, self.old_secret] if has_old else [self.secret]

    def is_subscribed_to(self, type_: str, status: str) -> bool:
        return type_ in self.types and (not self.statuses or status in self.statuses)


class Delivery(models.Model):
    """One message to one webhook; the table is both the queue and the log."""

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(
        Webhook, verbose_name=_("webhook"), on_delete=models.CASCADE, related_name="deliveries"
    )
    # The change: the interview and the position in its timeline; both None for a test message. A
    # change has at most one message of each event.
    interview_id = models.CharField(_("interview ID"), max_length=100, null=True, blank=True)
    moment = models.PositiveIntegerField(_("place in the timeline"), null=True, blank=True)
    event = models.CharField(_("event"), max_length=60)
    # The exact text that is signed and sent.
    body = models.TextField(_("message"))

    state = models.CharField(
        _("status"), max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    # None once it is done, or while it waits for something else (`submission_ready`).
    next_at = models.DateTimeField(_("next attempt"), null=True, blank=True, default=timezone.now)
    # Dispatched to workers, not again before `rung_until`; and the lease of the sending worker.
    rung_until = models.DateTimeField(_("handed to a worker until"), null=True, blank=True)
    lease = models.CharField(_("lease"), max_length=32, blank=True)
    lease_until = models.DateTimeField(_("being sent until"), null=True, blank=True)

    # The outcome of the last attempt; a success may have an `error`, too.
    status_code = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_index=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        constraints = [
            models.UniqueConstraint(
                fields=("webhook", "interview_id", "moment", "event"),
                name="one_delivery_per_change_and_event",
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
    """Match deliveries that are due and not leased.

    It only uses fields of the row, so that of two conditional updates with it only one succeeds.
    """
    not_leased = models.Q(lease_until=None) | models.Q(lease_until__lte=at)
    return not_leased & models.Q(state__in=UNFINISHED, next_at__lte=at)
