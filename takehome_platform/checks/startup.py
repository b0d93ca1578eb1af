"""Refuse to start while a system check reports an error."""

import structlog
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

logger = structlog.get_logger(__name__)


def require_valid_settings() -> None:
    """Run Django's checks and ours, and log the warnings.

    Raises:
        ImproperlyConfigured: with the message and the hint of the first error.
    """
    messages = [message for message in run_checks() if not message.is_silenced()]
    for message in messages:
        if message.is_serious():
            raise ImproperlyConfigured(" ".join(filter(None, (message.msg, message.hint))))
    for message in messages:
        logger.warning("setting_to_look_at", check=message.id, says=message.msg, hint=message.hint)
