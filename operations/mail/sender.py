"""Sending one message, and telling workers of those that are due.

A message is sent by whoever claimed it, so never twice, unless a worker dies between the mail
server's "OK" and the write of it: then it is tried again, under the same Message-ID.
"""

from datetime import datetime
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

import structlog
from botocore.exceptions import BotoCoreError
from django.conf import settings
from django.core.mail import EmailMessage
from pynamodb.exceptions import PynamoDBException

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.mail.eligibility import reason_not_to_send
from operations.mail.messages import notice, render_email
from operations.mail.models import (
    BACK_OFF,
    Message,
    MessageKind,
    MessageStatus,
)
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

# So many workers at most: a mail server that hangs must leave the others to those who start tests.
AT_ONCE = 8
# Answers of a mail server with which it says that another try is of no use.
FOR_GOOD = range(500, 600)
# Whomever it is sent to, the server would say the same.
NOT_THE_CANDIDATE = (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPSenderRefused,
)


def send_due() -> None:
    """Ring for what is due. A ring that is lost, or that nobody had time for, comes again."""
    at = now()
    room = AT_ONCE - Message.objects.in_hand(at).count()
    for message in Message.objects.due(at)[: max(0, room)]:
        if message.postpone_dispatch(at):
            dispatch.enqueue_email(message.pk)


def send_message(message_id: int) -> None:
    """Send a message if it is due and nobody else is at it."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None or not message.claim(now()):
        return
    if message.attempts > len(BACK_OFF) + 1:
        # Every try ended with the end of its worker.
        message.close(MessageStatus.FAILED, now(), "Sending it was interrupted again and again.")
        return
    if message.kind == MessageKind.NOTICE:
        _hand_over(message, notice(message))
        return
    try:
        interview = queries.get_interview(message.interview_id)
        _deliver(message, interview)
    except (PynamoDBException, BotoCoreError) as error:
        logger.warning("mail_waits", message=message.pk, reason=type(error).__name__)
        message.try_later(now(), "The database did not answer.")
        return
    if interview is not None:
        interview.announce()


def _deliver(message: Message, interview: Interview | None) -> None:
    at = now()
    reason = _needless(message, interview, at)
    if interview is None or reason:
        message.close(MessageStatus.SKIPPED, at, reason or "The interview is no longer there.")
        return
    _hand_over(message, render_email(message, interview))


def _hand_over(message: Message, mail: EmailMessage) -> None:
    if not settings.MAIL_IS_ON:
        message.close(MessageStatus.FAILED, now(), "E-mail is switched off on this server.")
        return
    try:
        mail.send()
    except Exception as error:  # noqa: BLE001
        # Mail backends raise what they like. The text of it is kept nowhere, nor a traceback: it
        # may quote the message, and that holds the link.
        logger.warning("mail_not_sent", message=message.pk, reason=type(error).__name__)
        if _is_for_good(error):
            message.close(MessageStatus.FAILED, now(), _sentence(error))
        else:
            message.try_later(now(), _sentence(error))
        return
    message.close(MessageStatus.SENT, now())


def _needless(message: Message, interview: Interview | None, at: datetime) -> str:
    """Why it is not sent; "": it is."""
    if interview is None:
        return "The interview is no longer there."
    if message.to != interview.candidate_email:
        return "The candidate's address was changed."
    if not message.is_reminder:
        return reason_not_to_send(interview)
    if interview.state not in (Status.AVAILABLE, Status.SCHEDULED):
        return "It was started, or is over: there was nothing to remind of."
    moment = interview.valid_until or interview.scheduled_at
    if moment is None or moment <= at:
        return "The moment had passed."
    return ""


def _is_for_good(error: Exception) -> bool:
    # Somebody may set the server right within a day.
    return not isinstance(error, NOT_THE_CANDIDATE) and _code(error) in FOR_GOOD


def _code(error: Exception) -> int | None:
    if isinstance(error, SMTPRecipientsRefused):
        return next((code for code, _ in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, SMTPResponseException) else None


def _sentence(error: Exception) -> str:
    """For staff."""
    code = _code(error)
    number = f" ({code})" if code else ""
    if isinstance(error, SMTPAuthenticationError):
        return f"The mail server did not accept the user and password of EMAIL_URL{number}."
    if isinstance(error, SMTPSenderRefused):
        return f"The mail server takes nothing from DEFAULT_FROM_EMAIL{number}."
    if isinstance(error, SMTPRecipientsRefused):
        return f"The mail server refuses this address{number}."
    if isinstance(error, SMTPResponseException):
        return f"The mail server refused the message{number}."
    if isinstance(error, OSError) and not isinstance(error, SMTPException):
        return "The mail server could not be reached."
    return "The mail server did not take the message."
