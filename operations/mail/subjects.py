"""The subjects of emails about an interview."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from interviews import durations
from interviews.challenges import library
from interviews.models import Interview
from operations.branding import current_brand
from operations.inviter import inviter_of
from operations.mail import changes, formatting
from operations.mail.models import MAX_SUBJECT, Message, MessageKind
from operations.mail.texts import standard_subjects
from operations.mail.texts.edited import edited_text, has_values
from operations.mail.texts.kinds import text_kind
from operations.mail.texts.placeholders import fill
from operations.mail.texts.standard import Text


def mail_language(language: str = "") -> translation.override:
    """Return the context manager of the language of emails: by default that of the server."""
    return translation.override(language or settings.LANGUAGE_CODE)


def message_subject(
    kind: MessageKind,
    interview: Interview,
    zone: str,
    *,
    to_interviewer: bool = False,
    edited: Text | None = None,
    language: str = "",
) -> str:
    """Return the subject on one line, even if the challenge's name has line breaks.

    `edited` is the text for the candidate, by default what is stored; `language` is by default that
    of the server.
    """
    with mail_language(language):
        day = formatting.format_day(interview.scheduled_at, zone) if interview.scheduled_at else ""
        values = {
            "name": interview.candidate_name if to_interviewer else challenge_name(interview),
            "day": day,
        }
        if to_interviewer:
            standard = standard_subjects.to_interviewer(is_dated=bool(day))[kind] % values
            return one_line(standard)[:MAX_SUBJECT]
        if interview.is_take_home:
            standard = standard_subjects.of_take_home()[kind] % values
        else:
            standard = standard_subjects.of_interview(is_dated=bool(day))[kind] % values
        if edited is None:
            of_kind = text_kind(kind, is_take_home=interview.is_take_home)
            edited = edited_text(of_kind, language or settings.LANGUAGE_CODE)
        return _edited_subject(edited.subject, interview, day) or one_line(standard)[:MAX_SUBJECT]


def _edited_subject(subject: str, interview: Interview, day: str) -> str:
    """The subject that an administrator wrote, or "" if it is the standard one."""
    if not subject:
        return ""
    values = {
        "name": interview.candidate_name,
        "test": challenge_name(interview),
        "day": day,
        "time_limit": durations.in_whole_minutes(interview.length),
        "length": durations.in_whole_minutes(interview.length),
        "reference": interview.id,
        **sender_values(interview),
    }
    return one_line(fill(subject, values))[:MAX_SUBJECT] if has_values(subject, values) else ""


def sender_values(interview: Interview) -> dict[str, str]:
    """The placeholders for who invites; there is always a name."""
    name = one_line(current_brand().name)
    return {"company": name, "inviter": inviter_of(interview).name or name}


def current_subject(
    message: Message, interview: Interview, edited: Text | None = None, language: str = ""
) -> str:
    """Return the subject for when it is sent now, on one line.

    The stored one is of when it was queued, which may be days ago. Those to interviewers keep it.
    """
    if message.interviewer:
        return one_line(message.subject)
    kind = spoken_kind(message, interview)
    return message_subject(kind, interview, message.zone, edited=edited, language=language)


def spoken_kind(message: Message, interview: Interview) -> MessageKind:
    """The kind of the message's text: a change of the address is an invitation to the new one."""
    kind = MessageKind(message.kind)
    if kind is MessageKind.CHANGED and not changes.change_sentence(message, interview):
        return invitation_kind(interview)
    return kind


def invitation_kind(interview: Interview) -> MessageKind:
    return MessageKind.INVITATION if interview.is_take_home else MessageKind.SCHEDULED


def removal_subject(interview: Interview, zone: str) -> str:
    """Return the subject for somebody who is no longer an interviewer."""
    with mail_language():
        details = {"name": interview.candidate_name}
        subject = _("You're no longer interviewing %(name)s")
        if interview.scheduled_at:
            details["day"] = formatting.format_day(interview.scheduled_at, zone)
            subject = _("You're no longer interviewing %(name)s on %(day)s")
        return one_line(subject % details)[:MAX_SUBJECT]


def challenge_name(interview: Interview) -> str:
    details = library.invited_details(interview.challenge, interview.challenge_version)
    return details.name if details is not None else str(interview.challenge)


def one_line(text: str) -> str:
    """Replace line breaks, which are not allowed in a header, by spaces."""
    return " ".join(text.split())
