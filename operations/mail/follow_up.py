"""A message to a person who was written to before, about a change of the interview."""

from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.mail import changes, outbox
from operations.mail.models import Message, MessageKind, MessageQuerySet, MessageStatus
from operations.mail.subjects import invitation_kind, message_subject


def kind_of(
    interview: Interview, change: TimelineEntry, shown: frozenset[str]
) -> MessageKind | None:
    """The kind of message about this change, or None if there is none.

    `shown` are the stored names of what messages to this person show.
    """
    if change.status in (Status.REVOKED, Status.CANCELLED):
        return MessageKind.CANCELLED
    if change.status == Status.DESTROYING and interview.end_reason == EndReason.REVOKED:
        return MessageKind.CANCELLED
    if change.what == TimelineEvent.EXTENDED or shown & set(change.changed or ()):
        return MessageKind.CHANGED
    return None


def write_again(
    interview: Interview,
    kind: MessageKind,
    number: int,
    change: TimelineEntry,
    told: MessageQuerySet,
    zone: str,
    *,
    interviewer: str = "",
) -> None:
    """Queue the message about the change at this position of the timeline; idempotent.

    `told` are the messages that tell this person of the interview before the change: without one
    there is nothing to write. `interviewer` is that of `outbox.create_message`.
    """
    at = now()
    written = Message.objects.filter(
        interview_id=interview.id, interviewer=interviewer, kind=kind, number=number
    )
    if not told.exists() or written.exists():
        return
    if told.were_written(at).exists():
        state, error = MessageStatus.QUEUED, ""
        told.filter(kind=MessageKind.CHANGED).not_being_sent(at).update(
            state=MessageStatus.SKIPPED, error=changes.REPLACED
        )
    else:
        # What waits is rendered when it is sent, and has the change in it.
        state, error = MessageStatus.SKIPPED, "The email before it was not sent yet."
        _refresh(told.not_being_sent(at), interview, zone)
    fields = {"state": state, "error": error}
    is_changed = kind is MessageKind.CHANGED and not interviewer
    if is_changed and "candidateEmail" in changes.changed_attributes(interview, number):
        # The new address gets an invitation.
        fields["subject"] = message_subject(invitation_kind(interview), interview, zone)
    outbox.create_message(
        interview, kind, zone, str(change.by), at, number, interviewer=interviewer, **fields
    )


def _refresh(messages: MessageQuerySet, interview: Interview, zone: str) -> None:
    """Bring the subjects of waiting messages up to date."""
    for message in messages:
        subject = message_subject(
            MessageKind(message.kind), interview, zone, to_interviewer=bool(message.interviewer)
        )
        messages.filter(pk=message.pk).update(subject=subject, zone=zone)
