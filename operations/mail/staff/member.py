"""A member of staff to whom a message goes, and the e-mail that they get."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from operations.branding import current_brand
from operations.mail.messages import message_headers
from operations.mail.models import Message
from operations.mail.subjects import one_line


def user_of(message: Message) -> Any:
    """The person that the message is for, or None."""
    users = get_user_model()._default_manager
    return users.filter(pk=message.user_id).first() if message.user_id is not None else None


def name_of(username: str) -> str:
    """The name of a person; "" for those who asked for their own link."""
    user = get_user_model()._default_manager.filter(username=username).first()
    return str(user.get_full_name() or username) if user is not None else ""


def render_to_member(
    message: Message, user: Any, template: str, path: str, **context: Any
) -> EmailMultiAlternatives:
    """Render mail/`template`.txt and .html, in the active language; `path` is where its link leads.

    `user` is the person, and `context` is what the templates have besides them and the link.
    """
    context |= {
        "brand": current_brand(),
        "subject": message.subject,
        "name": user.get_short_name(),
        "username": user.get_username(),
        "link": f"{settings.SITE_URL}{path}",
        "is_to_interviewer": True,
    }
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=render_to_string(f"mail/{template}.txt", context).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        headers=message_headers(f"{template}.{message.pk}"),
    )
    mail.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return mail
