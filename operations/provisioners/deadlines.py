"""When a workspace ends by itself, and which deadlines this process has told its engine."""

import time
from datetime import UTC, datetime, timedelta

# How long after its deadline a workspace stops by itself if the platform has not ended it.
GRACE_PERIOD = timedelta(minutes=30)
# Must be less than GRACE_PERIOD.
CACHE_SECONDS = 600.0

# The deadlines that this process has written: the name of the part that has it -> (deadline, time
# of the write in monotonic seconds). Another process may have written a different one since, so
# entries expire.
_written: dict[str, tuple[datetime, float]] = {}


def stop_time(ends_at: datetime) -> datetime:
    """Return when a workspace ends by itself if the platform has not ended it by then."""
    return max(ends_at, datetime.now(UTC)) + GRACE_PERIOD


def is_written(part: str, ends_at: datetime) -> bool:
    """Return whether this process wrote that deadline less than CACHE_SECONDS ago."""
    deadline, written_at = _written.get(part, (None, 0.0))
    return deadline == ends_at and time.monotonic() - written_at < CACHE_SECONDS


def remember_deadline(part: str, ends_at: datetime) -> None:
    """Note that the workspace has this deadline."""
    _written[part] = (ends_at, time.monotonic())


def forget_deadline(part: str) -> None:
    """Forget a workspace that was removed."""
    _written.pop(part, None)
