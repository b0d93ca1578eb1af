"""The messages to candidates and administrators: a row is history and queue at once.

What a candidate's message says is not kept: the link in it opens the test. It is written when it is
sent.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from interviews.schemas import MAX_EMAIL

# Minutes until the next try, after each that failed: a day, all together.
BACK_OFF = (1, 5, 15, 60, 180, 360, 360, 459)
# Whoever is sending it has it for so long. A mail server that answers at all is faster.
HELD = timedelta(minutes=10)
# A message that was rung for, and that nobody took, is rung for again after this.
RING_AGAIN = timedelta(minutes=1)


class MessageKind(models.TextChoices):
    INVITATION = "invitation"
    # A live interview, at a time.
    SCHEDULED = "scheduled"
    REMINDER = "reminder"
    # To an administrator, and of no interview.
    NOTICE = "notice"


class MessageStatus(models.TextChoices):
    # Its moment has not come.
    PLANNED = "planned"
    # To be sent now, or tried again at `send_at`.
    QUEUED = "queued"
    SENT = "sent"
    # Given up.
    FAILED = "failed"
    # It would have made no sense any more.
    SKIPPED = "skipped"


WAITING = (MessageStatus.PLANNED, MessageStatus.QUEUED)


def _held(at: datetime) -> models.Q:
    """A worker is sending it, or died over it."""
    return models.Q(rung_at=None, attempts__gt=0, error="", send_at__gt=at)


class Messages(models.QuerySet["Message"]):
    def due(self, at: datetime) -> "Messages":
        """What no worker was told of, or long ago; oldest first."""
        not_rung = models.Q(rung_at=None) | models.Q(rung_at__lte=at - RING_AGAIN)
        return self.filter(not_rung, state__in=WAITING, send_at__lte=at).order_by("send_at", "pk")

    def in_hand(self, at: datetime) -> "Messages":
        """What a worker was told of, or is sending."""
        return self.filter(models.Q(rung_at__gt=at - RING_AGAIN) | _held(at), state__in=WAITING)

    def address(self, to: str, at: datetime) -> None:
        """What is still to be sent goes there; not what is being sent in this moment."""
        self.filter(state__in=WAITING).exclude(_held(at)).update(to=to)


class Message(models.Model):
    """One e-mail to one person. `attempts` is also whose turn it is: a write by whoever took an
    earlier one is void."""

    interview_id = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=20, choices=MessageKind)
    # The first of its kind is 0; those sent again count up.
    number = models.PositiveIntegerField(default=0)
    to = models.CharField(max_length=MAX_EMAIL)
    subject = models.CharField(max_length=500)
    # What a notice says, which holds no secret.
    text = models.TextField(default="", db_default="", blank=True)
    # The zone in which times are named in it.
    zone = models.CharField(max_length=64, default="UTC")
    state = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.QUEUED)
    send_at = models.DateTimeField()
    # A worker was told of it then.
    rung_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    # Why the last try came to nothing, in a sentence for staff. Empty while it is being tried.
    error = models.CharField(max_length=300, default="", blank=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects: ClassVar[Messages] = Messages.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["interview_id", "kind", "number"],
                condition=~models.Q(interview_id=""),
                name="one_message_of_a_number",
            )
        ]
        indexes = [
            models.Index(fields=["state", "send_at"], name="message_due"),
            models.Index(fields=["created_at"], name="message_age"),
        ]

    def __str__(self) -> str:
        of = f" {self.number} of {self.interview_id}" if self.interview_id else ""
        return f"{self.kind}{of}: {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_reminder(self) -> bool:
        return self.kind == MessageKind.REMINDER

    @property
    def may_try_again(self) -> bool:
        return self.attempts <= len(BACK_OFF)

    def claim(self, at: datetime) -> bool:
        """Take the next attempt at it; False: it is not due, or somebody else took it. Whoever
        takes it and dies has it tried again when HELD is over."""
        taken = Message.objects.filter(
            pk=self.pk, state__in=WAITING, attempts=self.attempts, send_at__lte=at
        ).update(
            state=MessageStatus.QUEUED,
            attempts=self.attempts + 1,
            send_at=at + HELD,
            rung_at=None,
            error="",
        )
        if taken:
            self.refresh_from_db()
        return bool(taken)

    def close(self, state: MessageStatus, at: datetime, error: str = "") -> bool:
        """Sent, failed or skipped, by whoever has this attempt; False: that was lost."""
        sent_at = at if state == MessageStatus.SENT else None
        return self._write(state=state, error=error, sent_at=sent_at)

    def try_later(self, at: datetime, error: str) -> bool:
        """It was not taken by the server; give it up after the last try."""
        if not self.may_try_again:
            return self.close(MessageStatus.FAILED, at, f"{error} It was tried for a day.")
        minutes = BACK_OFF[self.attempts - 1]
        return self._write(send_at=at + timedelta(minutes=minutes), error=error)

    def hasten(self, at: datetime) -> None:
        """Try again now, if it waits for that. One that is being sent stays as it is."""
        waits = Message.objects.filter(
            pk=self.pk, state=MessageStatus.QUEUED, attempts=self.attempts
        )
        waits.exclude(error="").update(send_at=at)

    def postpone_dispatch(self, at: datetime) -> bool:
        """Note that a worker is told of it now. Of several at once, one is told True."""
        rung = Message.objects.filter(pk=self.pk, state__in=WAITING, rung_at=self.rung_at)
        return bool(rung.update(rung_at=at))

    def _write(self, **changes: object) -> bool:
        mine = Message.objects.filter(
            pk=self.pk, state=MessageStatus.QUEUED, attempts=self.attempts
        )
        for name, value in changes.items():
            setattr(self, name, value)
        return bool(mine.update(**changes))
