"""Consistent reads of stored rows of the old table and of `interviews`, before any conversion."""

from interviews.legacy.mapping import is_migrated
from interviews.legacy.models import (
    Takehome,
    interview_id_of,
)
from interviews.models import Interview


def get_joined(old: Takehome) -> Interview | None:
    """Return the stored row in `interviews` of an old row, by its id or else by its passcode."""
    row = get_stored(interview_id_of(old))
    return get_stored_by_passcode(old.passcode) if row is None and old.interview_id is None else row


def get_stored_by_passcode(passcode: str) -> Interview | None:
    """Return the stored row of `interviews` with this passcode, or None."""
    for indexed in Interview.passcode_index.query(passcode, limit=1):
        return get_stored(indexed.id)
    return None


def get_migrated(old: Takehome) -> Interview | None:
    """Return the migrated interview of an old row, or None."""
    row = get_joined(old)
    return row if row is not None and is_migrated(row) else None


def get_stored(interview_id: str) -> Interview | None:
    """Return a row of `interviews` as any version stored it, by a consistent read, or None."""
    try:
        return Interview.get(interview_id, consistent_read=True)
    except Interview.DoesNotExist:
        return None


def read_takehome(passcode: str) -> Takehome | None:
    """Return the old row of a passcode, by a consistent read, or None."""
    try:
        return Takehome.get(passcode, consistent_read=True)
    except Takehome.DoesNotExist:
        return None
