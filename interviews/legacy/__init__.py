"""Read and migrate data of earlier versions: the `takehome` table, and old rows of `interviews`.

This package can be deleted after the migration. Callers do not know which table a row came from.
"""

from django.conf import settings


def is_enabled() -> bool:
    """True if the deployment has an old table."""
    return bool(settings.LEGACY_TAKEHOME_TABLE)


def writes_old_table() -> bool:
    """True if new take-home tests go to the old table, so that the old portal can read them."""
    return is_enabled() and not settings.UNIFIED_TAKEHOMES
