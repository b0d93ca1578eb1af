"""User names for accounts that are made from an email address."""

import re

from django.contrib.auth.models import User


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
