"""Dispatch due messages to workers, and send a single message.

Only the worker that acquired a message sends it. A message is sent twice only if the worker dies
after the mail server's "OK" and before it is recorded; both then have the same Message-ID.
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
from django.utils import translation
from pynamodb.exceptions import PynamoDBException

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import NOT_STARTED, Status
from interviews.models import Interview
from operations.mail import interviewers
from operations.mail.changes import is_removal
from operations.mail.messages import render_email, render_notice
from operations.mail.models import (
    RETRY_MINUTES,
    Message,
    MessageKind,
    MessageStatus,
)
from operations.mail.outbox import reason_not_to_send
from operations.mail.staff import access, account
from operations.mail.staff.member import user_of
from operations.mail.subjects import mail_language
from operations.notices import email
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

# The most workers that send e-mail: a slow mail server must leave the others for starting tests.
MAX_CONCURRENT = 8
# The SMTP reply codes that mean that a retry would fail as well.
PERMANENT_FAILURES = range(500, 600)
# Errors that have nothing to do with the recipient.
SERVER_PROBLEMS = (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPSenderRefused,
)


def dispatch_due_messages() -> None:
    """Dispatch due messages to workers; a message that no worker acquires is dispatched again."""
    at = now()
    free_slots = MAX_CONCURRENT - Message.objects.in_progress(at).count()
    for message in Message.objects.due(at)[: max(0, free_slots)]:
        if message.mark_dispatched(at):
            dispatch.enqueue_email(message.pk)


def send_message(message_id: int) -> None:
    """Send a message if it is due and no other worker is sending it."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None or not message.acquire(now()):
        return
    if message.attempts > len(RETRY_MINUTES) + 1:
        # The worker died during every attempt.
        message.finish(MessageStatus.FAILED, now(), "Sending it was interrupted again and again.")
        return
    if message.kind == MessageKind.NOTICE:
        _submit(message, render_notice(message))
        return
    if message.kind == MessageKind.ACCESS:
        _send_access(message)
        return
    if message.kind == MessageKind.ACCOUNT:
        _send_account_change(message)
        return
    try:
        if message.kind == MessageKind.STAFF_NOTICE:
            _send_staff_notice(message)
            return
        interview = queries.get_interview(message.interview_id)
        _send_about(message, interview)
    except (PynamoDBException, BotoCoreError) as error:
        logger.warning("mail_waits", message=message.pk, reason=type(error).__name__)
        message.retry_later(now(), "The database did not answer.")
        return
    if interview is not None:
        interview.announce()


def _send_staff_notice(message: Message) -> None:
    notice = email.notice_of(message)
    interview = queries.get_interview(notice.interview_id) if notice is not None else None
    reason = email.reason_not_to_send(message, interview)
    if reason or notice is None or interview is None:
        message.finish(MessageStatus.SKIPPED, now(), reason)
        return
    with mail_language():
        mail = email.render_staff_notice(message, notice, interview)
    _submit(message, mail)


def _send_access(message: Message) -> None:
    if reason := access.reason_not_to_send(message):
        message.finish(MessageStatus.SKIPPED, now(), reason)
        return
    with mail_language():
        mail = access.render_access_email(message)
    _submit(message, mail)


def _send_account_change(message: Message) -> None:
    # To the address of that time, and to a closed account too: who took one over may have
    # changed either.
    if user_of(message) is None:
        message.finish(MessageStatus.SKIPPED, now(), "The account is no longer there.")
        return
    _submit(message, account.render_account_email(message))


def _send_about(message: Message, interview: Interview | None) -> None:
    at = now()
    reason = _reason_to_skip(message, interview, at)
    if interview is None or reason:
        message.finish(MessageStatus.SKIPPED, at, reason or "The interview is no longer there.")
        return
    mail = render_email(message, interview)
    message.update_subject(str(mail.subject))
    _submit(message, mail)


def _submit(message: Message, mail: EmailMessage) -> None:
    if not settings.MAIL_IS_ON:
        message.finish(MessageStatus.FAILED, now(), "Email is switched off on this server.")
        return
    try:
        mail.send()
    except Exception as error:  # noqa: BLE001
        # A mail backend may raise anything. Log neither the text nor a traceback: they may quote
        # the message, which contains the link.
        logger.warning("mail_not_sent", message=message.pk, reason=type(error).__name__)
        if _is_permanent(error):
            message.finish(MessageStatus.FAILED, now(), _failure_sentence(error))
        else:
            message.retry_later(now(), _failure_sentence(error))
        return
    message.finish(MessageStatus.SENT, now())


def _reason_to_skip(message: Message, interview: Interview | None, at: datetime) -> str:
    """Return why the message is no longer needed, or "" if it should be sent."""
    if interview is None:
        return "The interview is no longer there."
    if message.kind == MessageKind.PROBLEM:
        return ""
    if message.interviewer:
        if reason := _reason_to_skip_interviewer(message, interview):
            return reason
    elif message.to != interview.candidate_email:
        return "The candidate's address was changed."
    if message.kind in (MessageKind.CANCELLED, MessageKind.SUBMITTED):
        return ""
    if message.kind == MessageKind.READY:
        return "" if interview.state is Status.ACTIVE else "The test was over."
    if not message.is_reminder:
        # It is stored, beside the others that are in English.
        with translation.override("en"):
            return reason_not_to_send(interview)
    if interview.state not in NOT_STARTED:
        return "It was started, or is over: there was nothing to remind of."
    moment = interview.valid_until or interview.scheduled_at
    if moment is None or moment <= at:
        return "The moment had passed."
    return ""


def _reason_to_skip_interviewer(message: Message, interview: Interview) -> str:
    is_named = interviewers.is_interviewer(interview, message.interviewer)
    if is_removal(message, interview):
        return "They are an interviewer again." if is_named else ""
    return "" if is_named else "They are no longer an interviewer."


def _is_permanent(error: Exception) -> bool:
    # An administrator may fix the mail server within the day of retries.
    return not isinstance(error, SERVER_PROBLEMS) and _smtp_code(error) in PERMANENT_FAILURES


def _smtp_code(error: Exception) -> int | None:
    if isinstance(error, SMTPRecipientsRefused):
        return next((code for code, _ in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, SMTPResponseException) else None


def _failure_sentence(error: Exception) -> str:
    """Describe the error for staff, without quoting it."""
    code = _smtp_code(error)
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
