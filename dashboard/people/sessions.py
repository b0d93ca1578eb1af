"""When people were last seen, and ending their sessions."""

import time
from datetime import timedelta
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone, translation

from dashboard.models import LastSeen

logger = structlog.get_logger(__name__)

# A person who uses pages costs one write in this time, for each process.
NOTE_EVERY = timedelta(minutes=5)
# By user id and language, the monotonic time in seconds at which this process wrote the row.
_noted: dict[tuple[int, str], float] = {}


def note_seen(user: Any) -> None:
    """Note that the person uses the dashboard now. A failure only leaves an older time."""
    now, language = time.monotonic(), translation.get_language() or ""
    noted = _noted.get((user.pk, language))
    if noted is not None and now - noted < NOTE_EVERY.total_seconds():
        return
    _noted[user.pk, language] = now
    try:
        LastSeen.objects.update_or_create(
            user_id=user.pk, defaults={"at": timezone.now(), "language": language}
        )
    except DatabaseError as error:
        logger.warning("last_seen_not_noted", error=type(error).__name__)


def language_of(user: Any) -> str:
    """The language in which the person last used the dashboard; "" if that is not known."""
    seen = LastSeen.objects.filter(user_id=user.pk).first()
    return seen.language if seen is not None else ""


def forget_noted() -> None:
    """Let this process write each row again."""
    _noted.clear()


def delete_sessions(user: User, *, keep: str | None = None) -> int:
    """Sign the person out everywhere but in the session with the key `keep`.

    Returns how many sessions ended. An open event stream ends within its next heartbeat.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    # No column says whose a session is.
    keys = [
        session.session_key
        for session in Session.objects.filter(expire_date__gt=timezone.now())
        if session.session_key != keep
        and store.decode(session.session_data).get(SESSION_KEY) == str(user.pk)
    ]
    return Session.objects.filter(pk__in=keys).delete()[0]
