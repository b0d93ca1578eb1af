"""Refuse to start while a system check reports an error."""

import structlog
from django.core.checks import CheckMessage, Tags, run_checks
from django.core.checks.registry import registry
from django.core.exceptions import ImproperlyConfigured

logger = structlog.get_logger(__name__)


def require_valid_settings(*, serves_pages: bool = True) -> None:
    """Run Django's checks and ours, and log the warnings.

    A process that serves no pages leaves out the check of the URLs. That check imports all views
    and builds the API, which takes a quarter of a worker's start.

    Raises:
        ImproperlyConfigured: with the message and the hint of the first error.
    """
    found = run_checks() if serves_pages else _run_checks_without_urls()
    messages = [message for message in found if not message.is_silenced()]
    for message in messages:
        if message.is_serious():
            raise ImproperlyConfigured(" ".join(filter(None, (message.msg, message.hint))))
    for message in messages:
        logger.warning("setting_to_look_at", check=message.id, says=message.msg, hint=message.hint)


def _run_checks_without_urls() -> list[CheckMessage]:
    # `run_checks` can leave out no tag, and those that it is given leave out checks without one.
    checks = [check for check in registry.get_checks() if Tags.urls not in check.tags]
    return [message for check in checks for message in check(app_configs=None, databases=None)]
