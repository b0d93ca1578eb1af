"""Which messages a candidate gets: planned when they are invited, and whenever staff asks again.

And administrators: when something was given up that they alone can set right.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Max

from interviews.dynamodb import now
from interviews.models import RETENTION, Interview, StaleWriteError
from interviews.schemas import LiveInvitation, TakeHomeInvitation, validate_email_address
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail.eligibility import reason_not_to_send
from operations.mail.messages import LONGEST_SUBJECT, one_line, subject
from operations.mail.models import (
    WAITING,
    Message,
    MessageKind,
    MessageStatus,
)
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

# How long before it a candidate is reminded of a live interview.
BEFORE_LIVE = timedelta(hours=24)


def require_on(invitation: TakeHomeInvitation | LiveInvitation) -> None:
    """Raises InvalidInputError where an e-mail is wanted that could not be sent."""
    if invitation.send_email and not settings.MAIL_IS_ON:
        raise InvalidInputError("send_email", "E-mail is not set up on this server.")


def queue_announcement(
    interview: Interview, invitation: TakeHomeInvitation | LiveInvitation, *, by: str
) -> None:
    """Plan the e-mails that go with an invitation, if any are wanted. May be repeated.

    Nothing that happens here undoes the invitation: staff sees that none was sent, and sends one.
    """
    if not invitation.send_email or invitation.candidate_email is None:
        return
    try:
        with transaction.atomic():
            _plan(interview, _first_kind(interview), invitation.time_zone, by, now())
            remind_at = _remind_at(interview)
            if remind_at is not None:
                _plan(interview, MessageKind.REMINDER, invitation.time_zone, by, remind_at)
    except DatabaseError:
        logger.exception("mail_not_planned", interview=interview.id)


def tell_administrators(title: str, text: str) -> None:
    """Plan an e-mail to each of ADMIN_EMAILS, in the transaction of what it tells of; to nobody
    where no e-mail is sent."""
    if not settings.MAIL_IS_ON:
        return
    at = now()
    for to in dict.fromkeys(address for _, address in settings.ADMINS):
        Message.objects.create(
            kind=MessageKind.NOTICE,
            to=to,
            subject=one_line(title)[:LONGEST_SUBJECT],
            text=text,
            send_at=at,
            created_by="schedule",
            created_at=at,
        )


def send_again(interview: Interview, *, by: str, to: str | None = None) -> Message:
    """Send the same link once more, or for the first time; `to` becomes the candidate's address.

    One that is still on its way is not sent twice. WrongStateError: it is over. InvalidInputError:
    there is no address, or no e-mail on this server. StaleWriteError: it changed in this moment.
    """
    if not settings.MAIL_IS_ON:
        raise WrongStateError("E-mail is not set up on this server.")
    if reason := reason_not_to_send(interview):
        raise WrongStateError(reason)
    if to is not None and (address := _address(to)) != interview.candidate_email:
        _change_address(interview, address)
    if interview.candidate_email is None:
        raise InvalidInputError("candidate_email", "There is no address to send it to.")
    kind = _first_kind(interview)
    mine = Message.objects.filter(interview_id=interview.id, kind=kind)
    # One that is being sent to the address of before is none that is on its way to this one.
    message = mine.filter(state__in=WAITING, to=interview.candidate_email).first()
    if message is not None:
        message.hasten(now())
    else:
        highest = mine.aggregate(Max("number"))["number__max"]
        number = 0 if highest is None else highest + 1
        message = _plan(interview, kind, zone_of(interview.id), by, now(), number)
    dispatch.enqueue_email(message.pk)
    interview.announce()
    return message


def messages_of(interview_id: str) -> list[Message]:
    """Newest first."""
    return list(Message.objects.filter(interview_id=interview_id))


def undelivered(interview_ids: Iterable[str]) -> set[str]:
    """Of these interviews, those whose candidate was to be written to and did not get it."""
    rows = Message.objects.filter(interview_id__in=list(interview_ids)).exclude(
        kind=MessageKind.REMINDER
    )
    newest = {row["interview_id"]: row["state"] for row in rows.order_by("id").values()}
    return {id_ for id_, state in newest.items() if state == MessageStatus.FAILED}


def zone_of(interview_id: str) -> str:
    """The zone in which this candidate was written to."""
    last = Message.objects.filter(interview_id=interview_id).first()
    return last.zone if last is not None else "UTC"


def delete_messages_of(interview_id: str) -> None:
    """Delete what was sent, with a deleted interview."""
    Message.objects.filter(interview_id=interview_id).delete()


def delete_old_messages() -> None:
    """What was planned longer ago than an ended interview is kept."""
    Message.objects.filter(created_at__lt=now() - RETENTION).exclude(state__in=WAITING).delete()


def _first_kind(interview: Interview) -> MessageKind:
    return MessageKind.INVITATION if interview.is_take_home else MessageKind.SCHEDULED


def _plan(
    interview: Interview, kind: MessageKind, zone: str, by: str, send_at: datetime, number: int = 0
) -> Message:
    """The message, written now or by an earlier call."""
    at = now()
    try:
        with transaction.atomic():
            return Message.objects.create(
                interview_id=interview.id,
                kind=kind,
                number=number,
                to=interview.candidate_email,
                subject=subject(kind, interview, zone),
                zone=zone,
                state=MessageStatus.QUEUED if send_at <= at else MessageStatus.PLANNED,
                send_at=send_at,
                created_by=by,
                created_at=at,
            )
    except IntegrityError:
        return Message.objects.get(interview_id=interview.id, kind=kind, number=number)


def _remind_at(interview: Interview) -> datetime | None:
    """When the candidate is reminded; None: there is no time for that."""
    if interview.is_take_home:
        moment, before = interview.valid_until, timedelta(hours=settings.REMIND_HOURS)
    else:
        moment, before = interview.scheduled_at, BEFORE_LIVE
    if moment is None or not settings.REMIND_HOURS or moment - before <= now():
        return None
    at: datetime = moment - before
    return at


def _address(text: str) -> str:
    try:
        return validate_email_address(text.strip())
    except ValueError as error:
        raise InvalidInputError("candidate_email", f"This {error}.") from None


def _change_address(interview: Interview, to: str) -> None:
    for _ in range(3):
        try:
            interview.change(candidate_email=to)
        except StaleWriteError:
            interview.refresh(consistent_read=True)
            continue
        # What is still to be sent goes to the new one as well.
        Message.objects.filter(interview_id=interview.id).address(to, now())
        return
    raise StaleWriteError(interview.id)
