"""A setting that cannot work stops the process that would need it, with a sentence."""

import structlog
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

logger = structlog.get_logger(__name__)


def require_valid_settings() -> None:
    """Django's checks and ours; raises ImproperlyConfigured with the first serious one's words.

    The others are logged: at a start somebody may be looking.
    """
    found = [message for message in run_checks() if not message.is_silenced()]
    for message in found:
        if message.is_serious():
            raise ImproperlyConfigured(" ".join(filter(None, (message.msg, message.hint))))
    for message in found:
        logger.warning("setting_to_look_at", check=message.id, says=message.msg, hint=message.hint)
