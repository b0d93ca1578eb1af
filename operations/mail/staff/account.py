"""E-mails to members of staff about their account, so that they notice what was not their doing."""

from enum import StrEnum
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from interviews.dynamodb import now
from operations.mail.models import MAX_SUBJECT, Message, MessageKind
from operations.mail.staff.member import name_of, render_to_member, user_of
from operations.mail.subjects import one_line
from operations.queue import dispatch


class AccountChange(StrEnum):
    """What was changed. The values are stored in messages."""

    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    SECOND_FACTOR_RESET = "second_factor_reset"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    RECOVERY_CODE_USED = "recovery_code_used"


def queue_account_email(user: Any, change: AccountChange, *, language: str, by: str) -> None:
    """Queue the email, if the person has an address and email is set up.

    To be called in the transaction of the change: neither is there without the other, and a worker
    is told once both are. The email is in `language`, or in that of the server if that is empty.
    """
    if not settings.MAIL_IS_ON or not user.email:
        return
    at = now()
    with translation.override(language or settings.LANGUAGE_CODE):
        subject = _sentence(change)
    message = Message.objects.create(
        kind=MessageKind.ACCOUNT,
        to=user.email,
        user_id=user.pk,
        subject=one_line(subject)[:MAX_SUBJECT],
        text=change.value,
        language=language,
        send_at=at,
        created_by=by,
        created_at=at,
    )
    transaction.on_commit(partial(dispatch.enqueue_email, message.pk))


def render_account_email(message: Message) -> EmailMultiAlternatives:
    """Render the e-mail. It holds no secret; its link leads to the own profile."""
    user = user_of(message)
    with translation.override(message.language or settings.LANGUAGE_CODE):
        return render_to_member(
            message,
            user,
            "account",
            reverse("dashboard:profile"),
            sentence=_sentence(AccountChange(message.text)),
            done_by=name_of(message.created_by) if message.created_by != user.username else "",
        )


def _sentence(change: AccountChange) -> str:
    return {
        AccountChange.SECOND_FACTOR_ON: _("Two-step sign-in was turned on"),
        AccountChange.SECOND_FACTOR_OFF: _("Two-step sign-in was turned off"),
        AccountChange.SECOND_FACTOR_RESET: _("Two-step sign-in was reset"),
        AccountChange.RECOVERY_CODES_RENEWED: _("New recovery codes were created"),
        AccountChange.RECOVERY_CODE_USED: _("A recovery code was used to sign in"),
    }[change]
