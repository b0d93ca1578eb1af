"""Queue messages: to candidates when they are invited, and to administrators when they have to fix
something. Those about changes: `plan_changes`. What staff sends by hand: `resend`."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview
from interviews.retention import retention
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from interviews.status_labels import status_label
from operations.exceptions import InvalidInputError
from operations.mail.models import (
    INVITATIONS,
    MAX_SUBJECT,
    TO_STAFF,
    WAITING,
    Message,
    MessageKind,
    MessageQuerySet,
    MessageStatus,
)
from operations.mail.subjects import invitation_kind, message_subject, one_line

logger = structlog.get_logger(__name__)

# How long before a live interview the candidate gets a reminder.
REMIND_BEFORE_INTERVIEW = timedelta(hours=24)


def require_mail_enabled(invitation: TakeHomeInvitation | LiveInvitation) -> None:
    """Check that an invitation by e-mail can be sent.

    Raises:
        InvalidInputError: if it cannot, because email is not set up.
    """
    if invitation.send_email and not settings.MAIL_IS_ON:
        raise InvalidInputError("send_email", _("Email isn't set up on this server."))


def queue_announcement(
    interview: Interview, invitation: TakeHomeInvitation | LiveInvitation, *, by: str
) -> None:
    """Queue the invitation and its reminder, if they are requested; idempotent.

    A failure does not undo the invitation: staff sees that no e-mail was sent, and can resend it.
    """
    if not invitation.send_email or invitation.candidate_email is None:
        return
    try:
        with transaction.atomic():
            create_message(interview, invitation_kind(interview), invitation.time_zone, by, now())
            remind_at = remind_at_of(interview)
            if remind_at is not None:
                create_message(interview, MessageKind.REMINDER, invitation.time_zone, by, remind_at)
    except DatabaseError:
        logger.exception("mail_not_planned", interview=interview.id)


def notify_administrators(title: str, text: str) -> None:
    """Queue an e-mail to each of ADMIN_EMAILS, if e-mail is set up.

    Call it in the same transaction as the change that it reports.
    """
    notify([address for _, address in settings.ADMINS], title, text)


def notify(addresses: Iterable[str], title: str, text: str, *, once: str = "") -> None:
    """Queue an e-mail to each of these members of staff, if e-mail is set up.

    `once` says what it is about: whoever was written to about the same is not written to again,
    until the e-mail is deleted.
    """
    if not settings.MAIL_IS_ON:
        return
    at = now()
    for to in dict.fromkeys(addresses):
        values = {
            "kind": MessageKind.NOTICE,
            "to": to,
            "subject": one_line(title)[:MAX_SUBJECT],
            "text": text,
            "send_at": at,
            "created_by": "schedule",
            "created_at": at,
        }
        if once:
            key = hashlib.sha256(f"{once}\n{to}".encode()).hexdigest()
            Message.objects.get_or_create(once=key, defaults=values)
        else:
            Message.objects.create(**values)


def invitations_of(interview_ids: Iterable[str]) -> MessageQuerySet:
    """Return the candidates' invitations to these interviews, also those sent again, the oldest
    first."""
    return Message.objects.filter(
        interview_id__in=interview_ids, interviewer="", kind__in=INVITATIONS
    ).order_by("id")


def messages_of(interview_id: str) -> list[Message]:
    """Return the interview's messages, the newest first."""
    return list(Message.objects.filter(interview_id=interview_id))


def undelivered_interview_ids(interview_ids: Iterable[str]) -> set[str]:
    """Return the interviews whose last e-mail to the candidate failed; reminders do not count."""
    # In one call and without models: each row of a list that is fetched alone asks as well.
    rows = Message.objects.filter(
        ~Q(kind=MessageKind.REMINDER),
        ~Q(state=MessageStatus.SKIPPED),
        interview_id__in=list(interview_ids),
        interviewer="",
    )
    newest = dict(rows.order_by("id").values_list("interview_id", "state"))
    return {id_ for id_, state in newest.items() if state == MessageStatus.FAILED}


def time_zone_of(interview_id: str) -> str:
    """Return the time zone of the candidate's last message."""
    last = Message.objects.filter(interview_id=interview_id, interviewer="").first()
    return last.zone if last is not None else "UTC"


def messages_to(email: str, *, except_of: Iterable[str]) -> list[Message]:
    """Return the messages to this address, in upper or lower case, that belong to other interviews.

    An interview's address may be changed after a message was sent. Notices and links to set a
    password go to staff.
    """
    to_candidates = Message.objects.filter(to__iexact=email, interviewer="")
    messages = to_candidates.exclude(kind__in=TO_STAFF)
    return list(messages.exclude(interview_id__in=list(except_of)))


def delete_messages_of(interview_id: str) -> int:
    """Delete all messages of a deleted interview, and return how many there were."""
    return Message.objects.filter(interview_id=interview_id).delete()[0]


def delete_old_messages() -> None:
    """Delete finished messages that are older than the retention of interviews.

    Those of an interview that is not over stay: they say who is written to when it changes.
    """
    old = Message.objects.filter(created_at__lt=now() - retention()).exclude(state__in=WAITING)
    ids = old.exclude(interview_id="").values_list("interview_id", flat=True).distinct()
    is_open = [row.id for row in queries.get_interviews(ids).values() if row.state not in FINAL]
    old.exclude(interview_id__in=is_open).delete()


def reason_not_to_send(interview: Interview) -> str:
    """Return in a sentence why this candidate gets no more e-mail, or "" if they may get it."""
    if interview.is_dry_run or interview.passcode is None:
        return _("A dry run has no candidate.")
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        return _("No email is sent any more. Status: %(status)s.") % {
            "status": status_label(interview.state)
        }
    return ""


def create_message(
    interview: Interview,
    kind: MessageKind,
    zone: str,
    by: str,
    send_at: datetime,
    number: int = 0,
    *,
    interviewer: str = "",
    **fields: Any,
) -> Message:
    """Create the message, or return the one that an earlier call created.

    It is for the candidate, or for the interviewer with this address. `fields` replace those of
    the message.
    """
    message = draft_message(interview, kind, zone, by, number, interviewer=interviewer)
    message.state = MessageStatus.QUEUED if send_at <= message.created_at else MessageStatus.PLANNED
    message.send_at = send_at
    for name, value in fields.items():
        setattr(message, name, value)
    return store_message(message)


def draft_message(
    interview: Interview,
    kind: MessageKind,
    zone: str,
    by: str,
    number: int = 0,
    *,
    interviewer: str = "",
) -> Message:
    """The message as `create_message` would store it to be sent now; it is not stored."""
    at = now()
    return Message(
        interview_id=interview.id,
        kind=kind,
        number=number,
        interviewer=interviewer,
        to=interviewer or interview.candidate_email,
        subject=message_subject(kind, interview, zone, to_interviewer=bool(interviewer)),
        zone=zone,
        state=MessageStatus.QUEUED,
        send_at=at,
        created_by=by,
        created_at=at,
    )


def store_message(message: Message) -> Message:
    """Store the message, or return the one that an earlier call stored."""
    try:
        with transaction.atomic():
            message.save(force_insert=True)
            return message
    except IntegrityError:
        return Message.objects.get(
            interview_id=message.interview_id,
            kind=message.kind,
            number=message.number,
            interviewer=message.interviewer,
        )


def remind_at_of(interview: Interview) -> datetime | None:
    """Return when to remind the candidate, or None if that time is over or reminders are off."""
    if interview.is_take_home:
        moment, before = interview.valid_until, timedelta(hours=settings.REMIND_HOURS)
    else:
        moment, before = interview.scheduled_at, REMIND_BEFORE_INTERVIEW
    if moment is None or not settings.REMIND_HOURS or moment - before <= now():
        return None
    at: datetime = moment - before
    return at
