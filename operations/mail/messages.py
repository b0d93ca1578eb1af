"""What an e-mail says. To a candidate: text, HTML and the entry for a calendar."""

from email.mime.text import MIMEText
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from interviews import durations
from interviews.challenges import library
from interviews.models import Interview
from operations.mail import calendar_event, formatting
from operations.mail.models import Message, MessageKind

LONGEST_SUBJECT = 200


def subject(kind: MessageKind, interview: Interview, zone: str) -> str:
    """One line, whatever a challenge is called."""
    if interview.is_take_home:
        name = challenge_name(interview)
        words_ = {
            MessageKind.INVITATION: f"Your take-home test: {name}",
            MessageKind.REMINDER: f"Reminder: your take-home test: {name}",
        }
    else:
        at = interview.scheduled_at
        when = f" on {formatting.day(at, zone)}" if at else " begins now"
        words_ = {
            MessageKind.SCHEDULED: f"Your interview{when}",
            MessageKind.REMINDER: f"Reminder: your interview{when}",
        }
    return one_line(words_[kind])[:LONGEST_SUBJECT]


def render_email(message: Message, interview: Interview) -> EmailMultiAlternatives:
    """The e-mail, ready to be sent. It holds the candidate's link: it is kept nowhere."""
    ask = _whom_to_ask(message.created_by)
    page = link(interview)
    context = {
        "name": one_line(interview.candidate_name),
        "challenge": one_line(challenge_name(interview)),
        "link": page,
        "length": durations.in_whole_minutes(interview.length),
        "deadline": interview.valid_until
        and formatting.moment(interview.valid_until, message.zone),
        "begins": interview.scheduled_at
        and formatting.moment(interview.scheduled_at, message.zone),
        "is_reminder": message.is_reminder,
        "has_entry": not message.is_reminder and calendar_event.has_moment(interview),
        "saves": interview.save_files,
        "ask": parseaddr(ask)[1],
        "subject": message.subject,
    }
    template = "take_home" if interview.is_take_home else "live"
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=render_to_string(f"mail/{template}.txt", context).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        reply_to=[ask] if ask else None,
        headers=_headers(f"{interview.id}.{message.kind}.{message.number}"),
    )
    mail.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    if context["has_entry"]:
        entry = calendar_event.calendar_event(
            interview, title=_title(interview), link=page, host=_host(), sequence=message.number
        )
        mail.attach(_attachment(entry))
    return mail


def notice(message: Message) -> EmailMessage:
    """The e-mail to an administrator, ready to be sent."""
    return EmailMessage(
        subject=message.subject,
        body=message.text,
        from_email=settings.SERVER_EMAIL,
        to=[message.to],
        headers=_headers(f"{message.kind}.{message.pk}"),
    )


def link(interview: Interview) -> str:
    """The candidate's page, as it is reached from outside."""
    page = "page" if interview.is_take_home else "live"
    return str(settings.SITE_URL) + reverse(f"candidate_portal:{page}", args=[interview.passcode])


def challenge_name(interview: Interview) -> str:
    number = interview.challenge_version
    version = library.version_of(interview.challenge, int(number)) if number else None
    found = version or library.get(interview.challenge)
    return found.name if found is not None else interview.challenge


def one_line(text: str) -> str:
    """Without line breaks, of which a header may hold none."""
    return " ".join(text.split())


def _headers(name: str) -> dict[str, str]:
    return {
        # The same for each try: a server that was asked twice can tell.
        "Message-ID": f"<{name}@{_host()}>",
        # No answer by a machine that is on holiday.
        "Auto-Submitted": "auto-generated",
    }


def _title(interview: Interview) -> str:
    if interview.is_take_home:
        return f"Last moment to start: {one_line(challenge_name(interview))}"
    return "Interview"


def _whom_to_ask(username: str) -> str:
    """The address that an answer goes to; "": there is none."""
    if settings.EMAIL_REPLY_TO:
        return str(settings.EMAIL_REPLY_TO)
    users = get_user_model()._default_manager
    inviter = users.filter(username=username, is_active=True).first()
    return one_line(str(getattr(inviter, "email", "") or ""))


def _attachment(entry: str) -> MIMEText:
    part = MIMEText(entry, "calendar", "utf-8")
    part.set_param("method", "PUBLISH")
    part.add_header("Content-Disposition", "attachment", filename="interview.ics")
    return part


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
