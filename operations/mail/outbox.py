"""Queue messages: to candidates when they are invited or staff resends the invitation, and to
administrators when they have to fix something. Those about changes: `plan_changes`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview, StaleWriteError
from interviews.retention import retention
from interviews.schemas.fields import validate_email_address
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from interviews.search import index, renames
from interviews.status_labels import status_label
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail.models import (
    MAX_SUBJECT,
    TO_STAFF,
    WAITING,
    Message,
    MessageKind,
    MessageStatus,
)
from operations.mail.subjects import invitation_kind, message_subject, one_line
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

# How long before a live interview the candidate gets a reminder.
REMIND_BEFORE_INTERVIEW = timedelta(hours=24)
# The number of the first reminder that staff asks for. Those that are planned have positions of the
# timeline as their numbers, and one with the number of a sent one would never be stored.
REMINDERS_OF_STAFF = 1_000_000


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


def notify(addresses: Iterable[str], title: str, text: str) -> None:
    """Queue an e-mail to each of these members of staff, if e-mail is set up."""
    if not settings.MAIL_IS_ON:
        return
    at = now()
    for to in dict.fromkeys(addresses):
        Message.objects.create(
            kind=MessageKind.NOTICE,
            to=to,
            subject=one_line(title)[:MAX_SUBJECT],
            text=text,
            send_at=at,
            created_by="schedule",
            created_at=at,
        )


def resend_invitation(interview: Interview, *, by: str, to: str | None = None) -> Message:
    """Send the link once more, or for the first time; `to` becomes the candidate's address.

    If a message is still waiting, this sends that one now instead of a second one.

    Raises:
        WrongStateError: if the interview is over, or e-mail is not set up.
        InvalidInputError: if `to` is invalid, or there is no address.
        StaleWriteError: if the interview keeps changing at the same time.
    """
    address = resend_address(interview, to)
    if to is not None:
        if address != interview.candidate_email:
            _change_address(interview, address)
        # Also for an address that is there already: the process that wrote it may have died then.
        renames.settle_words(interview)
    return _send_now(interview, draft_resend(interview, by))


def send_reminder(interview: Interview, *, by: str) -> Message:
    """Remind the candidate of the invitation now. The reminder before the deadline stays planned.

    If one that staff asked for is still waiting, this sends that one now instead of a second one.

    Raises:
        WrongStateError: if the interview is over, or e-mail is not set up.
        InvalidInputError: if there is no address.
    """
    resend_address(interview)
    return _send_now(interview, draft_reminder(interview, by))


def _send_now(interview: Interview, message: Message) -> Message:
    if message.pk is not None:
        message.retry_now(now())
    else:
        message = _store(message)
    dispatch.enqueue_email(message.pk)
    interview.announce()
    detail = "reminder" if message.is_reminder else ""
    audit.record(AuditAction.SENT_MAIL, interview.id, detail=detail)
    return message


def resend_address(interview: Interview, to: str | None = None) -> str:
    """The address that the link would be sent to: `to`, or the candidate's.

    Raises:
        WrongStateError: if the interview is over, or email is not set up.
        InvalidInputError: if `to` is invalid, or there is no address.
    """
    if not settings.MAIL_IS_ON:
        raise WrongStateError(_("Email isn't set up on this server."))
    if reason := reason_not_to_send(interview):
        raise WrongStateError(reason)
    if to is not None:
        return _validate_address(to)
    if interview.candidate_email is None:
        raise InvalidInputError("candidate_email", _("Enter an email address to send it to."))
    return str(interview.candidate_email)


def draft_resend(interview: Interview, by: str) -> Message:
    """The message that sends the link again: one that waits, or a new one that is not stored."""
    return _draft_again(interview, invitation_kind(interview), by)


def draft_reminder(interview: Interview, by: str) -> Message:
    """The message that reminds now: one that waits to be sent, or a new one that is not stored."""
    return _draft_again(interview, MessageKind.REMINDER, by, first=REMINDERS_OF_STAFF)


def _draft_again(interview: Interview, kind: MessageKind, by: str, first: int = 0) -> Message:
    """The message of this kind that waits, or a draft; only those numbered from `first` count."""
    messages = Message.objects.filter(
        interview_id=interview.id, kind=kind, interviewer="", number__gte=first
    )
    # A message that is being sent to a previous address does not count.
    waiting = messages.filter(state__in=WAITING, to=interview.candidate_email).first()
    if waiting is not None:
        return waiting
    highest = messages.aggregate(Max("number"))["number__max"]
    number = first if highest is None else highest + 1
    return draft_message(interview, kind, time_zone_of(interview.id), by, number)


def redirect_waiting(interview_id: str, to: str) -> None:
    """Let the messages that still wait go to the candidate's new address."""
    to_candidate = Message.objects.filter(interview_id=interview_id, interviewer="")
    to_candidate.change_recipient(to, now())


def messages_of(interview_id: str) -> list[Message]:
    """Return the interview's messages, the newest first."""
    return list(Message.objects.filter(interview_id=interview_id))


def undelivered_interview_ids(interview_ids: Iterable[str]) -> set[str]:
    """Return the interviews whose last e-mail to the candidate failed; reminders do not count."""
    to_candidates = Message.objects.filter(interview_id__in=list(interview_ids), interviewer="")
    rows = to_candidates.exclude(kind=MessageKind.REMINDER).exclude(state=MessageStatus.SKIPPED)
    newest = {row["interview_id"]: row["state"] for row in rows.order_by("id").values()}
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
    return _store(message)


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


def _store(message: Message) -> Message:
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


def _validate_address(text: str) -> str:
    try:
        return validate_email_address(text.strip())
    except ValueError as error:
        raise InvalidInputError("candidate_email", str(error)) from None


def _change_address(interview: Interview, to: str) -> None:
    for _attempt in range(3):
        index.add_words(interview, renames.words_of(interview, {"candidate_email": to}))
        try:
            interview.change(candidate_email=to)
        except StaleWriteError:
            interview.refresh(consistent_read=True)
            continue
        redirect_waiting(interview.id, to)
        return
    renames.settle_words(interview)
    raise StaleWriteError(interview.id)
