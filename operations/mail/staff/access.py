"""E-mails with a link to set a password, for members of staff who were invited or forgot theirs."""

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from interviews.dynamodb import now
from operations.branding import current_brand
from operations.mail.models import MAX_SUBJECT, Message, MessageKind
from operations.mail.staff.member import name_of, render_to_member, user_of
from operations.mail.subjects import one_line
from operations.queue import dispatch

SECONDS_A_DAY = 24 * 3600


def password_path(user: Any) -> str:
    """The path of the page where the person sets a password: a secret.

    It works until the person sets a password or signs in, PASSWORD_RESET_TIMEOUT seconds at most.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("dashboard:set-password", args=[uid, default_token_generator.make_token(user)])


def link_days() -> int:
    """For how many days a link works."""
    return int(settings.PASSWORD_RESET_TIMEOUT // SECONDS_A_DAY)


def queue_access_email(user: Any, *, by: str) -> Message:
    """Queue the e-mail with the link, and dispatch it. The link is made when it is sent."""
    at = now()
    with translation.override(settings.LANGUAGE_CODE):
        subject = _subject()
    message = Message.objects.create(
        kind=MessageKind.ACCESS,
        to=user.email,
        user_id=user.pk,
        subject=one_line(subject)[:MAX_SUBJECT],
        send_at=at,
        created_by=by,
        created_at=at,
    )
    dispatch.enqueue_email(message.pk)
    return message


def reason_not_to_send(message: Message) -> str:
    """Why the message is no longer needed, or "" if it should be sent."""
    user = user_of(message)
    if user is None or not user.is_active:
        return "The account was deactivated."
    return "" if user.email == message.to else "The person's address was changed."


def render_access_email(message: Message) -> EmailMultiAlternatives:
    """Render the e-mail, with a link that is made now. It must not be stored."""
    user = user_of(message)
    return render_to_member(
        message,
        user,
        "access",
        password_path(user),
        invited_by=name_of(message.created_by),
        days=link_days(),
        is_new=not user.has_usable_password(),
    )


def _subject() -> str:
    return _("Your account at %(company)s") % {"company": current_brand().name}
