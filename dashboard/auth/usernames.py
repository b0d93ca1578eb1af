"""User names: made from an email address, and those that no account may have."""

import re

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from operations.inviter import NOT_ACCOUNTS


def free_username(email: str) -> str:
    """The address, or the address with a number if an account here has it.

    Characters that a user name may not have become dashes.
    """
    stem, number = re.sub(r"[^\w.@+-]", "-", email.lower())[:140], 1
    name = stem
    while User.objects.filter(username__iexact=name).exists():
        number += 1
        name = f"{stem}-{number}"
    return name


def refuse_reserved_username(username: str) -> None:
    """Validate a new name, in the admin and in `manage.py createsuperuser`.

    Raises:
        ValidationError: if timelines and the audit log use the name for something else.
    """
    if username.lower() in NOT_ACCOUNTS:
        raise ValidationError(_("This name is reserved. Choose another one."), code="reserved")
