"""Write again to those who were written to, when an interview is moved, changed or called off.

The first message to an interviewer belongs to the change that names them (`interviewers`).

The timeline says what changed and whether to write. The action queues the messages right after its
write, and the relay of changes does it again (`operations.webhooks.outbox_relay`), in case the
process died in between: a message has the position of its change as its number, so that there is
one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q

from interviews.attributes import LIVE
from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import NOT_STARTED, PROVISIONING, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.inviter import inviter_of
from operations.mail import follow_up, interviewers, outbox, resend
from operations.mail.models import (
    INVITATIONS,
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
# Who waited so long after pressing Start may not look at the page any more, and their time runs.
LONG_WAIT = timedelta(minutes=2)
STARTING = PROVISIONING | {Status.ERROR}
# A change of these moves the reminder.
REMINDED_OF = frozenset({"validUntil", "scheduledAt"})


@dataclass(frozen=True)
class Told:
    """Who was written to, and is written to again about a change."""

    candidate: bool = False
    # Their addresses, in alphabetical order.
    interviewers: tuple[str, ...] = ()


def told(interview: Interview) -> Told:
    """Who was written to about this interview, or is going to be."""
    return told_of([interview])[interview.id]


def told_of(rows: Sequence[Interview]) -> dict[str, Told]:
    """The same of several interviews, by their ids, in one query for all."""
    found: dict[str, set[str]] = {each.id: set() for each in rows}
    if settings.MAIL_IS_ON:
        messages = Message.objects.filter(interview_id__in=found, kind__in=INVITATIONS)
        messages = messages.exclude(state__in=[MessageStatus.SKIPPED, MessageStatus.FAILED])
        for interview_id, address in messages.values_list("interview_id", "interviewer"):
            found[interview_id].add(address)
    return {
        each.id: Told(
            candidate="" in found[each.id],
            interviewers=tuple(
                sorted(to for to in found[each.id] if interviewers.is_interviewer(each, to))
            ),
        )
        for each in rows
    }


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
    if not settings.MAIL_IS_ON or not _has_reader(interview):
        return
    with transaction.atomic():
        for number, change in enumerate(interview.timeline):
            if number >= int(interview.outbox_done or 0):
                _queue_for(interview, number, change)


def draft_for_candidate(interview: Interview) -> Message | None:
    """The message to the candidate about the newest change, as it would be queued, but not stored.

    The change counts as one that they are told of. An email that waits has the change in it, and
    none follows. None if the candidate gets none.
    """
    number = len(interview.timeline) - 1
    change = interview.timeline[number]
    kind = _kind_for_candidate(interview, change)
    if kind is None or interview.candidate_email is None:
        return None
    told = _told_candidate(interview, number, change)
    zone = change.zone or outbox.time_zone_of(interview.id)
    if told.were_written(now()).exists():
        return outbox.draft_message(interview, kind, zone, str(change.by), number)
    waiting = told.not_being_sent(now()).order_by("id").last()
    if waiting is None or kind is MessageKind.CANCELLED:
        return None
    waiting.zone, waiting.to = zone, interview.candidate_email
    return waiting


def _has_reader(interview: Interview) -> bool:
    """False if there is nobody to write to."""
    is_reported = any(event.what == TimelineEvent.PROBLEM_REPORTED for event in interview.timeline)
    return bool(interview.candidate_email) or interview.type == LIVE or is_reported


def _queue_for(interview: Interview, number: int, change: TimelineEntry) -> None:
    if change.what == TimelineEvent.PROBLEM_REPORTED:
        _queue_report(interview, number, change)
        return
    if interview.candidate_email is not None:
        _queue_for_candidate(interview, number, change)
    if interview.type == LIVE:
        interviewers.queue_for(interview, number, change)


def _queue_report(interview: Interview, number: int, change: TimelineEntry) -> None:
    """Queue the candidate's report to whoever invited them; idempotent."""
    address = inviter_of(interview).email
    if address:
        zone = interview.time_zone or "UTC"
        by = str(change.by)
        outbox.create_message(
            interview, MessageKind.PROBLEM, zone, by, now(), number, interviewer=address
        )


def _queue_for_candidate(interview: Interview, number: int, change: TimelineEntry) -> None:
    if change.status == Status.DESTROYING and change.by == "candidate" and not change.what:
        zone = outbox.time_zone_of(interview.id)
        by = str(change.by)
        outbox.create_message(interview, MessageKind.SUBMITTED, zone, by, now(), number)
        return
    if _is_ready_at_last(interview, number, change):
        zone = outbox.time_zone_of(interview.id)
        outbox.create_message(interview, MessageKind.READY, zone, str(change.by), now(), number)
        return
    kind = _kind_for_candidate(interview, change)
    if "candidateEmail" in (change.changed or ()):
        resend.redirect_waiting(interview.id, interview.candidate_email)
    if kind is MessageKind.CANCELLED or REMINDED_OF & set(change.changed or ()):
        _replan_reminder(interview, number, change)
    if kind is None or not change.notify:
        return
    told = _told_candidate(interview, number, change)
    zone = change.zone or outbox.time_zone_of(interview.id)
    follow_up.write_again(interview, kind, number, change, told, zone)


def _is_ready_at_last(interview: Interview, number: int, change: TimelineEntry) -> bool:
    """Whether this change is the end of a long wait for the workspace, in line, for the engine, or
    for somebody of staff to try a failed start again.

    Whoever comes to a live interview comes at its time.
    """
    if change.status != Status.ACTIVE or change.what or not interview.is_take_home:
        return False
    waited = takewhile(
        lambda event: event.status in STARTING, reversed(interview.timeline[:number])
    )
    since = min((event.at for event in waited), default=change.at)
    return bool(change.at - since >= LONG_WAIT)


def _kind_for_candidate(interview: Interview, change: TimelineEntry) -> MessageKind | None:
    told_of = TOLD if interview.is_take_home else TOLD - {"challenge"}
    return follow_up.kind_of(interview, change, told_of)


def _told_candidate(interview: Interview, number: int, change: TimelineEntry) -> MessageQuerySet:
    """What tells the candidate of the interview before this change.

    A later invitation may have been written with the change in mind.
    """
    messages = Message.objects.filter(interview_id=interview.id, interviewer="")
    return messages.filter(
        Q(kind__in=INVITATIONS, created_at__lte=change.at)
        | Q(kind=MessageKind.CHANGED, number__lt=number)
    )


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
