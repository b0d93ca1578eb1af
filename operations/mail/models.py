"""The messages to candidates, interviewers and administrators.

The table is both the queue and the history.

The text of a candidate's message is not stored, because its link opens the test. It is rendered
when the message is sent. The same goes for a link to set a password.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interviews.schemas.limits import MAX_EMAIL

# The minutes to wait after each failed attempt; together a day.
RETRY_MINUTES = (1, 5, 15, 60, 180, 360, 360, 459)
# How long a worker keeps a message to itself. Any mail server that answers is faster.
LEASE = timedelta(minutes=10)
# The longest subject of an email to candidates or staff.
MAX_SUBJECT = 200
# A dispatched message that no worker acquired is dispatched again after this time.
DISPATCH_AGAIN_AFTER = timedelta(minutes=1)


class MessageKind(models.TextChoices):
    INVITATION = "invitation", _("Invitation")
    # The invitation to a live interview.
    SCHEDULED = "scheduled", _("Invitation to a live interview")
    REMINDER = "reminder", _("Reminder")
    # It was moved, or changed in another way that they were told of before.
    CHANGED = "changed", _("Change")
    # It was cancelled or revoked.
    CANCELLED = "cancelled", _("Cancellation")
    # The candidate waited long for the workspace, and it is ready now.
    READY = "ready", _("Workspace ready")
    # The candidate handed the test in.
    SUBMITTED = "submitted", _("Confirmation of a submission")
    # To the inviter: the candidate has a problem.
    PROBLEM = "problem", _("Problem report")
    # To an administrator; belongs to no interview.
    NOTICE = "notice", _("Notice to administrators")
    # A link to set a password, to a member of staff; belongs to no interview.
    ACCESS = "access", _("Password link")
    # What was changed about the account of a member of staff, for them to notice if it was not
    # they. `text` is an AccountChange of `operations.mail.staff.account`.
    ACCOUNT = "account", _("Notice about an account")
    # What happened to an interview, to a member of staff who chose to be told. It names no
    # interview, as its text is rendered from `operations.notices`.
    STAFF_NOTICE = "staff_notice", _("Notice to staff")


# What tells a person of an interview for the first time.
INVITATIONS = (MessageKind.INVITATION, MessageKind.SCHEDULED)
# To members of staff; these belong to no interview.
TO_STAFF = (
    MessageKind.NOTICE,
    MessageKind.ACCESS,
    MessageKind.ACCOUNT,
    MessageKind.STAFF_NOTICE,
)


class MessageStatus(models.TextChoices):
    # To be sent later, at `send_at`.
    PLANNED = "planned", _("Planned")
    # To be sent now, or retried at `send_at`.
    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    # Given up after the last attempt.
    FAILED = "failed", _("Failed")
    # No longer needed when it was due.
    SKIPPED = "skipped", _("No longer needed")


WAITING = (MessageStatus.PLANNED, MessageStatus.QUEUED)


def _leased(at: datetime) -> models.Q:
    """Match messages that a worker is sending, or was sending when it died."""
    return models.Q(rung_at=None, attempts__gt=0, error="", send_at__gt=at)


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, at: datetime) -> "MessageQuerySet":
        """Filter due messages that were not dispatched recently, the oldest first."""
        not_dispatched = models.Q(rung_at=None) | models.Q(rung_at__lte=at - DISPATCH_AGAIN_AFTER)
        due = self.filter(not_dispatched, state__in=WAITING, send_at__lte=at)
        return due.order_by("send_at", "pk")

    def in_progress(self, at: datetime) -> "MessageQuerySet":
        """Filter messages that were dispatched recently, or that a worker is sending."""
        return self.filter(
            models.Q(rung_at__gt=at - DISPATCH_AGAIN_AFTER) | _leased(at), state__in=WAITING
        )

    def not_being_sent(self, at: datetime) -> "MessageQuerySet":
        """Filter waiting messages that no worker is sending now: they are rendered later."""
        return self.filter(state__in=WAITING).exclude(_leased(at))

    def were_written(self, at: datetime) -> "MessageQuerySet":
        """Filter messages that are sent, or are being sent now."""
        return self.filter(models.Q(state=MessageStatus.SENT) | _leased(at))

    def change_recipient(self, to: str, at: datetime) -> None:
        """Change the recipient of waiting messages, except those that are being sent now."""
        self.not_being_sent(at).update(to=to)


class Message(models.Model):
    """One e-mail to one person.

    `attempts` is also the fencing token: a worker can only write while its own attempt is the last.
    """

    interview_id = models.CharField(_("interview ID"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=MessageKind)
    # 0 for the first of its kind; each resend counts up. That of a change, of a reminder that a
    # change planned anew, and of all to interviewers, is the position of the change in the
    # interview's timeline. Reminders that staff asks for: resend.REMINDERS_OF_STAFF.
    number = models.PositiveIntegerField(_("number"), default=0)
    to = models.CharField(_("recipient"), max_length=MAX_EMAIL)
    # The address of the interviewer or inviter that it is for; empty for the candidate and for
    # administrators.
    interviewer = models.CharField(
        _("for the interviewer"), max_length=MAX_EMAIL, default="", db_default="", blank=True
    )
    # The user that a link to set a password, or a notice, is for.
    user_id = models.BigIntegerField(_("for the user"), null=True)
    subject = models.CharField(_("subject"), max_length=500)
    # The text of a notice, which contains no secret.
    text = models.TextField(_("text"), default="", db_default="", blank=True)
    # Of what is written once to each recipient: a hash of what it is about, and of whom it is to.
    once = models.CharField(_("written once"), max_length=64, null=True, unique=True)
    # The recipient's language, if it is not that of the server.
    language = models.CharField(_("language"), max_length=10, default="", db_default="", blank=True)
    # The time zone for the times in the message.
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    state = models.CharField(
        _("status"), max_length=10, choices=MessageStatus, default=MessageStatus.QUEUED
    )
    send_at = models.DateTimeField(_("to be sent"))
    # When it was last dispatched to a worker.
    rung_at = models.DateTimeField(_("handed to a worker"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    # Why the last attempt failed, in a sentence for staff. Empty during an attempt.
    error = models.CharField(_("error"), max_length=300, default="", blank=True)
    created_by = models.CharField(_("created by"), max_length=150)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        constraints = [
            models.UniqueConstraint(
                fields=["interview_id", "kind", "number", "interviewer"],
                condition=~models.Q(interview_id=""),
                name="one_message_of_a_number_each",
            )
        ]
        indexes = [
            models.Index(fields=["state", "send_at"], name="message_due"),
            models.Index(fields=["created_at"], name="message_age"),
        ]

    def __str__(self) -> str:
        interview = f" {self.number} of {self.interview_id}" if self.interview_id else ""
        return f"{self.kind}{interview}: {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_reminder(self) -> bool:
        return self.kind == MessageKind.REMINDER

    @property
    def can_retry(self) -> bool:
        return self.attempts <= len(RETRY_MINUTES)

    def acquire(self, at: datetime) -> bool:
        """Start the next attempt; return False if it is not due or another worker has it.

        If the worker dies, the message becomes due again after LEASE.
        """
        acquired = Message.objects.filter(
            pk=self.pk, state__in=WAITING, attempts=self.attempts, send_at__lte=at
        ).update(
            state=MessageStatus.QUEUED,
            attempts=self.attempts + 1,
            send_at=at + LEASE,
            rung_at=None,
            error="",
        )
        if acquired:
            self.refresh_from_db()
        return bool(acquired)

    def finish(self, state: MessageStatus, at: datetime, error: str = "") -> bool:
        """Write the final state; return False if another attempt has started since."""
        sent_at = at if state == MessageStatus.SENT else None
        return self._write(state=state, error=error, sent_at=sent_at)

    def retry_later(self, at: datetime, error: str) -> bool:
        """Schedule the next attempt, or give up after the last one.

        Returns False if another attempt has started since.
        """
        if not self.can_retry:
            return self.finish(MessageStatus.FAILED, at, f"{error} It was tried for a day.")
        minutes = RETRY_MINUTES[self.attempts - 1]
        return self._write(send_at=at + timedelta(minutes=minutes), error=error)

    def retry_now(self, at: datetime) -> None:
        """Make a failed attempt due again now; this does nothing while it is being sent."""
        waiting = Message.objects.filter(
            pk=self.pk, state=MessageStatus.QUEUED, attempts=self.attempts
        )
        waiting.exclude(error="").update(send_at=at)

    def update_subject(self, subject: str) -> None:
        """Store the subject with which it is sent, if it is another than when it was queued."""
        if subject != self.subject:
            self._write(subject=subject)

    def mark_dispatched(self, at: datetime) -> bool:
        """Note that it is dispatched now; of concurrent callers only one gets True."""
        undispatched = Message.objects.filter(pk=self.pk, state__in=WAITING, rung_at=self.rung_at)
        return bool(undispatched.update(rung_at=at))

    def _write(self, **changes: object) -> bool:
        own_attempt = Message.objects.filter(
            pk=self.pk, state=MessageStatus.QUEUED, attempts=self.attempts
        )
        for name, value in changes.items():
            setattr(self, name, value)
        return bool(own_attempt.update(**changes))
