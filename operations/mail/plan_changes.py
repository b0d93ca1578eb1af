"""Write again to those who were written to, when an interview is moved, changed or called off.

The timeline says what changed and whether to write. The action queues the messages right after its
write, and the relay of changes does it again (`operations.webhooks.outbox_relay`), in case the
process died in between: a message has the position of its change as its number, so that there is
one.
"""

from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q

from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import NOT_STARTED, EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.mail import changes, outbox
from operations.mail.messages import message_subject
from operations.mail.models import (
    Message,
    MessageKind,
    MessageQuerySet,
    MessageStatus,
)

logger = structlog.get_logger(__name__)

# The stored names of what a message says: a change of another attribute is not written about. The
# challenge of a live interview is not told before it begins.
TOLD = frozenset(
    {
        "validUntil",
        "scheduledAt",
        "timeZone",
        "durationMinutes",
        "allowancePercent",
        "challenge",
        "candidateEmail",
    }
)
# A change of these moves the reminder.
REMINDED_OF = frozenset({"validUntil", "scheduledAt"})
# What tells a person of an interview for the first time.
INVITATIONS = (MessageKind.INVITATION, MessageKind.SCHEDULED)


def is_told(interview: Interview) -> bool:
    """True if somebody was written to, and is to be written to again about a change."""
    if not settings.MAIL_IS_ON:
        return False
    messages = Message.objects.filter(interview_id=interview.id, kind__in=INVITATIONS)
    return messages.exclude(state__in=[MessageStatus.SKIPPED, MessageStatus.FAILED]).exists()


def queue_messages(interview: Interview) -> None:
    """Queue the messages about the changes that were not relayed yet; idempotent.

    A failure does not undo the change: the relay tries it again.
    """
    try:
        queue_messages_or_fail(interview)
    except DatabaseError:
        logger.exception("mail_not_planned", interview=interview.id)


def queue_messages_or_fail(interview: Interview) -> None:
    """As `queue_messages`.

    Raises:
        DatabaseError: if the messages could not be written.
    """
    if not settings.MAIL_IS_ON or interview.candidate_email is None:
        # Nobody was written to.
        return
    with transaction.atomic():
        for number, change in enumerate(interview.timeline):
            if number >= int(interview.outbox_done or 0):
                _queue_for(interview, number, change)


def _queue_for(interview: Interview, number: int, change: TimelineEntry) -> None:
    kind = _kind_of(interview, change)
    if "candidateEmail" in (change.changed or ()) and interview.candidate_email is not None:
        outbox.redirect_waiting(interview.id, interview.candidate_email)
    if kind is MessageKind.CANCELLED or REMINDED_OF & set(change.changed or ()):
        _replan_reminder(interview, number, change)
    if kind is None or not change.notify:
        return
    if interview.candidate_email is not None:
        to_candidate = Message.objects.filter(interview_id=interview.id, interviewer="")
        _write_again(interview, kind, number, change, to_candidate)


def _kind_of(interview: Interview, change: TimelineEntry) -> MessageKind | None:
    """The kind of message about this change, or None if there is none."""
    if change.status in (Status.REVOKED, Status.CANCELLED):
        return MessageKind.CANCELLED
    if change.status == Status.DESTROYING and interview.end_reason == EndReason.REVOKED:
        return MessageKind.CANCELLED
    told = TOLD if interview.is_take_home else TOLD - {"challenge"}
    if change.what == TimelineEvent.EXTENDED or told & set(change.changed or ()):
        return MessageKind.CHANGED
    return None


def _write_again(
    interview: Interview,
    kind: MessageKind,
    number: int,
    change: TimelineEntry,
    messages: MessageQuerySet,
    interviewer: str = "",
) -> None:
    """Queue a message about the change to a person with these `messages`, if they were told."""
    at = now()
    # A later invitation may have been written with the change in mind.
    told = messages.filter(
        Q(kind__in=INVITATIONS, created_at__lte=change.at)
        | Q(kind=MessageKind.CHANGED, number__lt=number)
    )
    if not told.exists() or messages.filter(kind=kind, number=number).exists():
        return
    zone = change.zone or outbox.time_zone_of(interview.id)
    was_written = told.were_written(at).exists()
    if was_written:
        state, error = MessageStatus.QUEUED, ""
        told.filter(kind=MessageKind.CHANGED).not_being_sent(at).update(
            state=MessageStatus.SKIPPED, error=changes.REPLACED
        )
    else:
        # What waits is rendered when it is sent, and has the change in it.
        state, error = MessageStatus.SKIPPED, "The e-mail before it was not sent yet."
        _refresh(told.not_being_sent(at), interview, zone)
    fields = {"state": state, "error": error}
    is_changed = kind is MessageKind.CHANGED
    if is_changed and "candidateEmail" in changes.changed_attributes(
        interview, number, interviewer
    ):
        # The new address gets an invitation.
        fields["subject"] = message_subject(outbox.invitation_kind(interview), interview, zone)
    outbox.create_message(
        interview, kind, zone, str(change.by), at, number, interviewer=interviewer, **fields
    )


def _refresh(messages: MessageQuerySet, interview: Interview, zone: str) -> None:
    """Bring the subjects of waiting messages up to date."""
    for message in messages:
        subject = message_subject(MessageKind(message.kind), interview, zone)
        messages.filter(pk=message.pk).update(subject=subject, zone=zone)


def _replan_reminder(interview: Interview, number: int, change: TimelineEntry) -> None:
    """Drop the reminder that waits, and plan one for the new time."""
    at = now()
    messages = Message.objects.filter(interview_id=interview.id, interviewer="")
    reminders = messages.filter(kind=MessageKind.REMINDER, number__lt=number)
    reminders.not_being_sent(at).update(
        state=MessageStatus.SKIPPED, error="The time was changed, or the interview called off."
    )
    earlier = messages.filter(created_at__lte=change.at).exclude(kind=MessageKind.REMINDER)
    is_told = earlier.exclude(state__in=[MessageStatus.SKIPPED, MessageStatus.FAILED]).exists()
    remind_at = _remind_at(interview)
    if is_told and remind_at is not None and interview.candidate_email is not None:
        zone = change.zone or outbox.time_zone_of(interview.id)
        by = str(change.by)
        outbox.create_message(interview, MessageKind.REMINDER, zone, by, remind_at, number)


def _remind_at(interview: Interview) -> datetime | None:
    return outbox.remind_at_of(interview) if interview.state in NOT_STARTED else None
