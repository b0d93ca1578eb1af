"""An email as it would be sent, for whoever is about to send it: drawn by the code that sends it.

The candidate's link opens the test, so that a preview has dots in its place.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from interviews.models import Interview
from operations.exceptions import WrongStateError
from operations.mail import plan_changes
from operations.mail.messages import render_email
from operations.mail.models import Message


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
    mail: EmailMultiAlternatives = render_email(message, interview, hides_link=True)
    return EmailPreview(
        subject=str(mail.subject),
        sender=mail.from_email,
        reply_to=", ".join(mail.reply_to),
        to=", ".join(mail.to),
        text=str(mail.body),
        language=settings.LANGUAGE_CODE,
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
