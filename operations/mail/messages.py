"""Render e-mails; those to candidates have text, HTML and a calendar event."""

from email.mime.text import MIMEText
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse

from interviews import durations
from interviews.challenges import library
from interviews.lifecycle import NOT_STARTED, Status
from interviews.models import Interview
from operations.mail import calendar_event, changes, formatting
from operations.mail.calendar_event import EventDetails
from operations.mail.models import Message, MessageKind

MAX_SUBJECT_LENGTH = 200


def message_subject(kind: MessageKind, interview: Interview, zone: str) -> str:
    """Return the subject on one line, even if the challenge's name has line breaks."""
    if interview.is_take_home:
        name = challenge_name(interview)
        subjects = {
            MessageKind.INVITATION: f"Your take-home test: {name}",
            MessageKind.REMINDER: f"Reminder: your take-home test: {name}",
            MessageKind.CHANGED: f"Changed: your take-home test: {name}",
            MessageKind.CANCELLED: f"Withdrawn: your take-home test: {name}",
        }
    else:
        scheduled_at = interview.scheduled_at
        day = formatting.format_day(scheduled_at, zone) if scheduled_at else ""
        when = f" on {day}" if day else " begins now"
        on_day = f" on {day}" if day else ""
        subjects = {
            MessageKind.SCHEDULED: f"Your interview{when}",
            MessageKind.REMINDER: f"Reminder: your interview{when}",
            MessageKind.CHANGED: f"Changed: your interview{on_day}",
            MessageKind.CANCELLED: f"Cancelled: your interview{on_day}",
        }
    return one_line(subjects[kind])[:MAX_SUBJECT_LENGTH]


def render_email(message: Message, interview: Interview) -> EmailMultiAlternatives:
    """Render the e-mail to a candidate. It contains the link to the test, so do not store it."""
    reply_address = _reply_address(message.created_by)
    url = candidate_url(interview)
    context = {
        "name": one_line(interview.candidate_name),
        "challenge": one_line(challenge_name(interview)),
        "link": url,
        "length": durations.in_whole_minutes(interview.length),
        "deadline": interview.valid_until
        and formatting.format_time(interview.valid_until, message.zone),
        "begins": interview.scheduled_at
        and formatting.format_planned_time(interview, message.zone),
        "is_reminder": message.is_reminder,
        "is_started": message.kind == MessageKind.CHANGED and interview.state not in NOT_STARTED,
        "change": changes.change_sentence(message, interview),
        "has_entry": _has_entry(message, interview),
        "saves": interview.save_files,
        "ask": parseaddr(reply_address)[1],
        "subject": message.subject,
        "noun": interview.noun,
    }
    template = "take_home" if interview.is_take_home else "live"
    if message.kind == MessageKind.CANCELLED:
        template = "cancelled"
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=render_to_string(f"mail/{template}.txt", context).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        reply_to=[reply_address] if reply_address else None,
        headers=_headers(f"{interview.id}.{message.kind}.{message.number}"),
    )
    mail.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    if context["has_entry"]:
        details = EventDetails(
            title=_event_title(interview),
            link=url,
            host=_host(),
            organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
            attendee=message.to,
            sequence=_sequence(interview),
        )
        is_cancelled = message.kind == MessageKind.CANCELLED
        mail.attach(_calendar_attachment(interview, details, is_cancelled=is_cancelled))
    return mail


def _has_entry(message: Message, interview: Interview) -> bool:
    if message.is_reminder or not calendar_event.has_event(interview):
        return False
    # The last moment to start says nothing once the test was started.
    is_over = interview.is_take_home and interview.state is not Status.AVAILABLE
    return message.kind == MessageKind.CANCELLED or not is_over


def _sequence(interview: Interview) -> int:
    """The SEQUENCE of the calendar event: it grows with each change, and with each resend."""
    sent = Message.objects.filter(
        interview_id=interview.id, kind__in=[MessageKind.INVITATION, MessageKind.SCHEDULED]
    )
    resends = sent.aggregate(Max("number"))["number__max"] or 0
    return max(0, len(interview.timeline) - 1) + int(resends)


def render_notice(message: Message) -> EmailMessage:
    """Render the e-mail to an administrator."""
    return EmailMessage(
        subject=message.subject,
        body=message.text,
        from_email=settings.SERVER_EMAIL,
        to=[message.to],
        headers=_headers(f"{message.kind}.{message.pk}"),
    )


def candidate_url(interview: Interview) -> str:
    """Return the absolute URL of the candidate's page."""
    page = "page" if interview.is_take_home else "live"
    return str(settings.SITE_URL) + reverse(f"candidate_portal:{page}", args=[interview.passcode])


def challenge_name(interview: Interview) -> str:
    number = interview.challenge_version
    version = library.get_version(interview.challenge, int(number)) if number else None
    return version.name if version is not None else library.challenge_name(interview.challenge)


def one_line(text: str) -> str:
    """Replace line breaks, which are not allowed in a header, by spaces."""
    return " ".join(text.split())


def _headers(name: str) -> dict[str, str]:
    return {
        # The same for each attempt, so that a server can recognise a duplicate.
        "Message-ID": f"<{name}@{_host()}>",
        # Prevents out-of-office replies.
        "Auto-Submitted": "auto-generated",
    }


def _event_title(interview: Interview) -> str:
    if interview.is_take_home:
        return f"Deadline to start: {one_line(challenge_name(interview))}"
    return "Interview"


def _reply_address(username: str) -> str:
    """Return the Reply-To address: EMAIL_REPLY_TO, the inviter's address, or ""."""
    if settings.EMAIL_REPLY_TO:
        return str(settings.EMAIL_REPLY_TO)
    users = get_user_model()._default_manager
    inviter = users.filter(username=username, is_active=True).first()
    return one_line(str(getattr(inviter, "email", "") or ""))


def _calendar_attachment(
    interview: Interview, details: EventDetails, *, is_cancelled: bool
) -> MIMEText:
    method, event = calendar_event.calendar_event(interview, details, is_cancelled=is_cancelled)
    part = MIMEText(event, "calendar", "utf-8")
    part.set_param("method", method)
    part.add_header("Content-Disposition", "attachment", filename="interview.ics")
    return part


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
