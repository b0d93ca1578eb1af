"""An email as it would be sent, for whoever is about to send it: drawn by the code that sends it.

The candidate's link opens the test, so that a preview has dots in its place.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from interviews.attributes import LIVE, TAKE_HOME
from interviews.challenges import library
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.exceptions import WrongStateError
from operations.mail import plan_changes
from operations.mail.messages import render_email
from operations.mail.models import Message
from operations.mail.texts.kinds import TextKind
from operations.mail.texts.standard import Text

# Of the times in a sample.
SAMPLE_ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class EmailPreview:
    """What a person sees of the email. `reply_to` is "" if nobody reads answers."""

    subject: str
    sender: str
    reply_to: str
    to: str
    text: str
    # A code such as "de".
    language: str
    has_attachment: bool


def preview_message(message: Message, interview: Interview) -> EmailPreview:
    """Draw the email that this message would be. Neither of them needs to be stored."""
    mail = render_email(message, interview, hides_link=True)
    return _as_seen(mail, settings.LANGUAGE_CODE)


def preview_text(kind: TextKind, language: str, text: Text, *, by: str) -> EmailPreview:
    """Draw the email of an edited text, for a candidate whom nobody invited."""
    interview = _sample_interview(kind, by)
    message = Message(
        interview_id=interview.id,
        kind=kind.kind,
        number=len(interview.timeline) - 1,
        to=interview.candidate_email,
        zone=SAMPLE_ZONE,
        created_by=by,
    )
    mail = render_email(message, interview, hides_link=True, edited=text, language=language)
    return _as_seen(mail, language)


def _sample_interview(kind: TextKind, by: str) -> Interview:
    """An interview that is not stored, with a value for each placeholder, and a change."""
    challenge = next(iter(library.active_challenges()), None)
    interview = Interview(
        id="sample-1",
        type=TAKE_HOME if kind.is_take_home else LIVE,
        status=Status.AVAILABLE.value if kind.is_take_home else Status.SCHEDULED.value,
        candidate_name="Ada Lovelace",
        candidate_email="ada@example.com",
        challenge=challenge.id if challenge is not None else "sample",
        challenge_version=challenge.number if challenge is not None else None,
        duration_minutes=90,
        created_by=by,
        time_zone=SAMPLE_ZONE,
        auto_destroy_at=now() + timedelta(minutes=90) if kind.is_take_home else None,
    )
    at = now() + timedelta(days=7)
    moment = {"valid_until": at} if kind.is_take_home else {"scheduled_at": at}
    changed = ["validUntil"] if kind.is_take_home else ["scheduledAt"]
    return interview.with_change(
        by=by, what=TimelineEvent.EDITED, details={"changed": changed}, **moment
    )


def _as_seen(mail: EmailMultiAlternatives, language: str) -> EmailPreview:
    return EmailPreview(
        subject=str(mail.subject),
        sender=mail.from_email,
        reply_to=", ".join(mail.reply_to),
        to=", ".join(mail.to),
        text=str(mail.body),
        language=language,
        has_attachment=bool(mail.attachments),
    )


def preview_change(changed: Interview) -> EmailPreview:
    """Draw the email to the candidate about the last change of `changed`, which may be a copy.

    Raises:
        WrongStateError: if the candidate would get none.
    """
    message = plan_changes.draft_for_candidate(changed) if settings.MAIL_IS_ON else None
    if message is None:
        raise WrongStateError(_("The candidate gets no email about this."))
    return preview_message(message, changed)
