"""How long ended interviews are kept: RETENTION_DAYS, read anew each time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import ngettext

# The schedule deletes first, files and all. A row's own `ttl` is for where no schedule runs.
BACKSTOP = timedelta(days=7)


def retention() -> timedelta:
    """How long an ended interview is kept, with its files."""
    return timedelta(days=settings.RETENTION_DAYS)


def ttl_of_ended(ended_at: datetime) -> datetime:
    """When DynamoDB itself removes the row of an interview that ended at this time."""
    return ended_at + retention() + BACKSTOP


def in_words() -> str:
    """The same for sentences that people read, such as "7 days"."""
    days = settings.RETENTION_DAYS
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
