"""What earlier versions left: the `takehome` table, and rows of `interviews` as they wrote them.

Deleted when the migration is over. Nobody outside knows which table answered.
"""

from django.conf import settings


def is_enabled() -> bool:
    """Is there an old table?"""
    return bool(settings.LEGACY_TAKEHOME_TABLE)


def writes_old_table() -> bool:
    """Are new take-homes written to the old table, for the old portal to read?"""
    return is_enabled() and not settings.UNIFIED_TAKEHOMES
