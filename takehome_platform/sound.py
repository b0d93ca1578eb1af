"""A setting that cannot work stops the process that would need it, with a sentence."""

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured


def require_sound_settings() -> None:
    """Django's checks and ours; raises ImproperlyConfigured with the first serious one's words."""
    for found in run_checks():
        if found.is_serious():
            raise ImproperlyConfigured(found.msg)
