"""Send an invitation or a reminder when staff asks for it, also to another address."""

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from interviews.dynamodb import now
from interviews.models import Interview, StaleWriteError
from interviews.schemas.validators import validate_email_address
from interviews.search import index, renames
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail.models import WAITING, Message, MessageKind
from operations.mail.outbox import draft_message, reason_not_to_send, store_message, time_zone_of
from operations.mail.subjects import invitation_kind
from operations.queue import dispatch

# The number of the first reminder that staff asks for. Those that are planned have positions of the
# timeline as their numbers, and one with the number of a sent one would never be stored.
REMINDERS_OF_STAFF = 1_000_000


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
        message = store_message(message)
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
