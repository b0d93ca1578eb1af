"""Render e-mails; those about an interview have text, HTML and a calendar event."""

from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

from interviews import durations
from interviews.indexes import TimelineEntry
from interviews.lifecycle import NOT_STARTED, Status
from interviews.models import Interview
from interviews.status_labels import status_label
from operations import policies
from operations.branding import current_brand
from operations.inviter import active_account, inviter_of
from operations.mail import changes, formatting
from operations.mail.calendar_attachment import calendar_attachment, has_entry
from operations.mail.models import Message, MessageKind
from operations.mail.subjects import (
    challenge_name,
    current_subject,
    mail_language,
    one_line,
    sender_values,
    spoken_kind,
)
from operations.mail.texts.edited import edited_text, has_values
from operations.mail.texts.html import blocks_of
from operations.mail.texts.kinds import text_kind
from operations.mail.texts.placeholders import fill
from operations.mail.texts.standard import Text

# Of what is over, or goes to staff.
WITHOUT_POLICY = (MessageKind.CANCELLED, MessageKind.PROBLEM, MessageKind.SUBMITTED)
# With a template of its own.
OWN_TEMPLATE = (MessageKind.PROBLEM, MessageKind.READY, MessageKind.SUBMITTED)
# In place of a passcode.
HIDDEN = "••••••••"


def render_email(
    message: Message,
    interview: Interview,
    *,
    hides_link: bool = False,
    edited: Text | None = None,
    language: str = "",
) -> EmailMultiAlternatives:
    """Render the e-mail to the candidate or to an interviewer.

    The candidate's contains the link to the test, so do not store it; with `hides_link` it has dots
    in its place. An interviewer's has neither that link nor a password: its link asks to sign in.
    `edited` is the text for the candidate, by default what is stored; `language` is by default that
    of the server.
    """
    with mail_language(language):
        if edited is None:
            kind = spoken_kind(message, interview)
            of_kind = text_kind(kind, is_take_home=interview.is_take_home)
            is_editable = not message.interviewer
            edited = edited_text(of_kind if is_editable else None, get_language() or "")
        return _render_email(message, interview, edited, hides_link=hides_link)


def _render_email(
    message: Message, interview: Interview, edited: Text, *, hides_link: bool
) -> EmailMultiAlternatives:
    is_problem = message.kind == MessageKind.PROBLEM
    reply_address = (
        str(interview.candidate_email or "")
        if is_problem
        else _reply_address(message.created_by, interview)
    )
    if message.interviewer:
        url = interview_url(interview)
    else:
        url = _hidden_url(interview) if hides_link else candidate_url(interview)
    subject = current_subject(message, interview, edited, get_language() or "")
    context = {
        "brand": current_brand(),
        "name": one_line(interview.candidate_name),
        "challenge": one_line(challenge_name(interview)),
        "link": url,
        "length": durations.in_whole_minutes(interview.length),
        "deadline": interview.valid_until
        and formatting.format_time(interview.valid_until, message.zone),
        "ends": interview.auto_destroy_at
        and formatting.format_time(interview.auto_destroy_at, message.zone),
        "begins": interview.scheduled_at
        and formatting.format_planned_time(interview, message.zone),
        "day": formatting.format_day(interview.scheduled_at, message.zone)
        if interview.scheduled_at
        else "",
        "is_cancelled": message.kind == MessageKind.CANCELLED,
        "is_reminder": message.is_reminder,
        "is_started": message.kind == MessageKind.CHANGED and interview.state not in NOT_STARTED,
        "change": changes.change_sentence(message, interview),
        "has_entry": has_entry(message, interview),
        "saves": interview.save_files,
        "ask": parseaddr(reply_address)[1],
        "subject": subject,
        "noun": interview.noun,
        "inviter": inviter_of(interview).name,
        "reference": interview.id,
        "report": _report(message, interview) if is_problem else None,
        "submitted_at": _submitted_at(message, interview),
        "is_to_interviewer": bool(message.interviewer),
        "is_removed": changes.is_removal(message, interview),
        "policy": None,
        "internet_note": "",
    }
    if not message.interviewer and message.kind not in WITHOUT_POLICY and not context["is_started"]:
        context["policy"] = policy = policies.policy_of(interview)
        context["internet_note"] = policies.internet_note(interview, policy)
    template = "take_home" if interview.is_take_home else "live"
    if message.kind == MessageKind.CANCELLED:
        template = "cancelled"
    if message.kind in OWN_TEMPLATE:
        template = str(message.kind)
    elif message.interviewer:
        template = f"interviewer_{'cancelled' if template == 'cancelled' else 'live'}"
    values = _values(context, interview)
    if edited.body and has_values(edited.body, values):
        template = "edited"
        context["text"] = fill(edited.body, values)
        context["blocks"] = blocks_of(edited.body, values)
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"mail/{template}.txt", context).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        reply_to=[reply_address] if reply_address else None,
        headers=message_headers(_message_name(message)),
    )
    mail.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    if context["has_entry"]:
        mail.attach(calendar_attachment(message, interview, link=url, host=_host()))
    return mail


def _values(context: dict[str, Any], interview: Interview) -> dict[str, str]:
    """What placeholders stand for; "" for what this email has not."""
    is_started = context["is_started"]
    return {
        "name": context["name"],
        "test": context["challenge"],
        "link": context["link"],
        "deadline": "" if is_started else context["deadline"] or "",
        "time_limit": context["length"],
        "end": context["ends"] or "",
        "start": "" if is_started else context["begins"] or "",
        "day": context["day"],
        "length": context["length"],
        "change": context["change"],
        "submitted_at": context["submitted_at"],
        "reference": context["reference"],
        **sender_values(interview),
    }


def _report(message: Message, interview: Interview) -> dict[str, str]:
    """The candidate's report that the message is about, in words."""
    event = _event_of(message, interview)
    if event is None:
        return {}
    left = (event.context or {}).get("timeLeftSeconds")
    return {
        "text": str(event.text or ""),
        "status": str(status_label(Status(event.status))),
        "left": durations.in_words(timedelta(seconds=int(left))) if left else "",
    }


def _submitted_at(message: Message, interview: Interview) -> str:
    event = _event_of(message, interview) if message.kind == MessageKind.SUBMITTED else None
    return formatting.format_time(event.at, message.zone) if event is not None else ""


def _event_of(message: Message, interview: Interview) -> TimelineEntry | None:
    """The change at the message's position of the timeline."""
    events: list[TimelineEntry] = interview.timeline
    return events[message.number] if message.number < len(events) else None


def render_notice(message: Message) -> EmailMessage:
    """Render the e-mail to an administrator."""
    return EmailMessage(
        subject=message.subject,
        body=message.text,
        from_email=settings.SERVER_EMAIL,
        to=[message.to],
        headers=message_headers(f"{message.kind}.{message.pk}"),
    )


def candidate_url(interview: Interview) -> str:
    """Return the absolute URL of the candidate's page."""
    page = "page" if interview.is_take_home else "live"
    return str(settings.SITE_URL) + reverse(f"candidate_portal:{page}", args=[interview.passcode])


def interview_url(interview: Interview) -> str:
    """Return the absolute URL of the interview's page in the dashboard."""
    return str(settings.SITE_URL) + reverse("dashboard:interview", args=[interview.id])


def _hidden_url(interview: Interview) -> str:
    """Return the URL of the candidate's page with dots for its passcode, if it has one yet."""
    page = "page" if interview.is_take_home else "live"
    path = reverse(f"candidate_portal:{page}", args=["-"])
    return f"{settings.SITE_URL}{path.removesuffix('-/')}{HIDDEN}/"


def message_headers(name: str) -> dict[str, str]:
    """The headers that each of our e-mails has; `name` is the same for each attempt."""
    return {
        # The same for each attempt, so that a server can recognise a duplicate.
        "Message-ID": f"<{name}@{_host()}>",
        # Prevents out-of-office replies.
        "Auto-Submitted": "auto-generated",
    }


def _message_name(message: Message) -> str:
    name = f"{message.interview_id}.{message.kind}.{message.number}"
    return f"{name}.{message.pk}" if message.interviewer else name


def _reply_address(username: str, interview: Interview) -> str:
    """Return the Reply-To address: EMAIL_REPLY_TO, that of whoever sent the message or invited the
    candidate, the company's, or ""."""
    if settings.EMAIL_REPLY_TO:
        return str(settings.EMAIL_REPLY_TO)
    address = one_line(str(getattr(active_account(username), "email", "") or ""))
    return address or inviter_of(interview).email or current_brand().contact


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
