"""Write to those who hold a live interview: whoever is named gets the calendar entry.

The messages are also the record of who has the entry: those whose invitation is newer than any
cancellation. Each change of the names compares that record with the row, so it can be repeated:
nobody is invited twice, and nobody is left out, even if a process died in between.

Their link leads to the dashboard, which asks to sign in. There is no reminder: the entry has an
alarm. A message to somebody who was named or removed meanwhile is not sent (`sender`).
"""

from django.db.models import Q

from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.models import Interview
from operations.mail import changes, follow_up, outbox
from operations.mail.models import Message, MessageKind, MessageQuerySet, MessageStatus
from operations.mail.subjects import removal_subject

# The stored names of what a message to an interviewer says.
SHOWN = frozenset().union(*(attributes for attributes, _, _ in changes.INTERVIEWER_PARTS))


def is_interviewer(interview: Interview, address: str) -> bool:
    return address.casefold() in _named(interview)


def queue_for(interview: Interview, number: int, change: TimelineEntry) -> None:
    """Queue the messages about the change at this position of the timeline; idempotent."""
    naming = [place for place, each in enumerate(interview.timeline) if _names(place, each)]
    if not interview.interviewers and naming == [0]:
        return
    newest = _newest(interview)
    if number == naming[-1]:
        # Of several that wait, the row has the names of the last alone.
        pending = [place for place in naming if place >= int(interview.outbox_done or 0)]
        is_told = any(interview.timeline[place].notify for place in pending)
        _invite_new(interview, number, change, newest)
        _remove_others(interview, number, change, newest, notify=is_told)
    kind = follow_up.kind_of(interview, change, SHOWN)
    if kind is None or not change.notify:
        return
    named = _named(interview)
    for key, invitation in newest.items():
        if key in named and invitation.kind == MessageKind.SCHEDULED:
            # Not an invitation that was queued for a later change.
            told = _told(invitation).filter(number__lt=number)
            follow_up.write_again(
                interview,
                kind,
                number,
                change,
                told,
                _zone(interview),
                interviewer=invitation.interviewer,
            )


def _names(number: int, change: TimelineEntry) -> bool:
    """True if the change may have named other interviewers: the plan, or an edit of them."""
    return number == 0 or "interviewers" in (change.changed or ())


def _invite_new(
    interview: Interview, number: int, change: TimelineEntry, newest: dict[str, Message]
) -> None:
    if outbox.reason_not_to_send(interview):
        return
    for key, address in _named(interview).items():
        if key not in newest or _is_to_change(newest[key], MessageKind.CANCELLED, number):
            outbox.create_message(
                interview,
                MessageKind.SCHEDULED,
                _zone(interview),
                str(change.by),
                now(),
                number,
                interviewer=address,
            )


def _remove_others(
    interview: Interview,
    number: int,
    change: TimelineEntry,
    newest: dict[str, Message],
    *,
    notify: bool,
) -> None:
    """Cancel the entries of those who are no longer named.

    Without `notify`, and of those who were not written to yet, only record it.
    """
    at = now()
    named = _named(interview)
    for key, invitation in newest.items():
        if key in named or not _is_to_change(invitation, MessageKind.SCHEDULED, number):
            continue
        told = _told(invitation)
        told.not_being_sent(at).update(
            state=MessageStatus.SKIPPED, error="They are no longer an interviewer."
        )
        state, error = MessageStatus.QUEUED, ""
        if not told.were_written(at).exists():
            state, error = MessageStatus.SKIPPED, "The email before it was not sent."
        elif not notify:
            state, error = MessageStatus.SKIPPED, "Nobody was to be told."
        zone = _zone(interview)
        outbox.create_message(
            interview,
            MessageKind.CANCELLED,
            zone,
            str(change.by),
            at,
            number,
            interviewer=invitation.interviewer,
            state=state,
            error=error,
            subject=removal_subject(interview, zone),
        )


def _named(interview: Interview) -> dict[str, str]:
    return {address.casefold(): address for address in interview.interviewer_addresses}


def _newest(interview: Interview) -> dict[str, Message]:
    """Of each person the newest invitation or cancellation, by its place in the timeline."""
    rows = Message.objects.filter(
        ~Q(interviewer=""),
        interview_id=interview.id,
        kind__in=(MessageKind.SCHEDULED, MessageKind.CANCELLED),
    )
    return {row.interviewer.casefold(): row for row in rows.order_by("number")}


def _is_to_change(newest: Message, kind: MessageKind, number: int) -> bool:
    """True if this kind is the newest, and no later change decided: a slow process may be late."""
    return newest.kind == kind and newest.number < number


def _told(invitation: Message) -> MessageQuerySet:
    """The invitation, and what was written about changes since."""
    return Message.objects.filter(
        Q(pk=invitation.pk) | Q(kind=MessageKind.CHANGED, number__gt=invitation.number),
        interview_id=invitation.interview_id,
        interviewer=invitation.interviewer,
    )


def _zone(interview: Interview) -> str:
    return interview.time_zone or "UTC"
