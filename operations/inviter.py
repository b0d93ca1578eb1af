"""Who invited a candidate, as candidates may know them."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.db import DatabaseError

from interviews.models import Interview

logger = structlog.get_logger(__name__)

# A page of a candidate costs no query while a name is kept, and needs no SQL database.
KEPT_SECONDS = 60
# More than the people who invite at the same time; then all names are read again.
MAX_KEPT = 1_000


# Who acts in timelines, messages and the audit trail, besides staff. No user may be called so:
# candidates' answers to automatic e-mails would go to that person.
NOT_ACCOUNTS = frozenset({"candidate", "schedule", "worker", "manage.py", "unknown"})


@dataclass(frozen=True)
class Inviter:
    """The name and e-mail address of a member of staff; "" for what is not known."""

    name: str = ""
    email: str = ""


def inviter_of(interview: Interview) -> Inviter:
    """Return who created the interview.

    Nothing is known of an API token and of somebody who has no account here any more. A user name
    is for signing in, so it is no name for candidates.
    """
    return _read(str(interview.created_by or ""))


def active_account(username: str) -> Any:
    """The account with this user name, or None if there is none that may sign in.

    What timelines call somebody or something without an account is never one, even if an older
    installation has an account of that name.
    """
    if not username or username in NOT_ACCOUNTS:
        return None
    users = get_user_model()._default_manager
    return users.filter(username=username, is_active=True).first()


def _read(username: str) -> Inviter:
    user = active_account(username)
    if user is None:
        return Inviter()
    return Inviter(
        " ".join(str(user.get_full_name()).split()), " ".join(str(user.email or "").split())
    )


_lock = threading.Lock()
# The names by user name, each with the monotonic time, in seconds, until which it holds.
_kept: dict[str, tuple[str, float]] = {}


def inviter_name(interview: Interview) -> str:
    """The inviter's name as it was at most KEPT_SECONDS ago, or "".

    Without an answer of the database it stays as it was.
    """
    username = str(interview.created_by or "")
    kept = _kept.get(username)
    if kept is not None and time.monotonic() < kept[1]:
        return kept[0]
    try:
        name = _read(username).name
    except DatabaseError as error:
        logger.warning("inviter_not_read", error=type(error).__name__)
        name = kept[0] if kept is not None else ""
    with _lock:
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[username] = (name, time.monotonic() + KEPT_SECONDS)
    return name
