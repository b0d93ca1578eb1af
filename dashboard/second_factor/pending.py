"""A sign-in whose password was right, and whose code is still to come.

It is kept in a session in which nobody is signed in.
"""

import time
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from dashboard.second_factor import devices

KEY = "second_step"
SECONDS = 600


@dataclass(frozen=True)
class PendingSignIn:
    """Who gave their password, and the page that they wanted."""

    user: User
    next_url: str


def begin(request: HttpRequest, user: User, next_url: str) -> None:
    """Start a new session, in which the person owes the code."""
    request.session.flush()
    request.session[KEY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": time.time(),
        "next": next_url,
    }


def of(request: HttpRequest) -> PendingSignIn | None:
    """The sign-in that waits for its code.

    None after ten minutes, after a change of the password, and for a person who cannot sign in with
    a code any more.
    """
    stored = request.session.get(KEY)
    if stored is None or not 0 <= time.time() - stored["at"] < SECONDS:
        return None
    user = User.objects.filter(pk=stored["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(stored["hash"], user.get_session_auth_hash()):
        return None
    return PendingSignIn(user, stored["next"]) if devices.is_on(user) else None


def forget(request: HttpRequest) -> str:
    """End it, and return the page that was wanted, or ""."""
    stored = request.session.pop(KEY, None)
    return str(stored["next"]) if stored is not None else ""
