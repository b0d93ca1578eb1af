"""The deadline of a workspace: an annotation of its Pod, which works while the platform is down."""

import time
from datetime import UTC, datetime
from typing import Any

from operations.provisioners.docker.deadlines import CACHE_SECONDS, GRACE_PERIOD
from operations.provisioners.kubernetes.api import Api, Kind
from operations.provisioners.kubernetes.errors import ApiError
from operations.provisioners.kubernetes.naming import ENDS_AT_ANNOTATION, Names

# The deadlines that this process has written: the Pod's name -> (deadline, time of the write in
# monotonic seconds). Another process may have written a different one since, so entries expire.
_written: dict[str, tuple[datetime, float]] = {}


def stop_time(ends_at: datetime) -> datetime:
    """Return when a workspace ends by itself if the platform has not ended it by then."""
    return max(ends_at, datetime.now(UTC)) + GRACE_PERIOD


def write_deadline(api: Api, names: Names, ends_at: datetime) -> None:
    """Write the deadline into the workspace's Pod; one that is gone has none."""
    text = str(int(stop_time(ends_at).timestamp()))
    body: dict[str, Any] = {"metadata": {"annotations": {ENDS_AT_ANNOTATION: text}}}
    try:
        api.patch(Kind.POD, names.base, body)
    except ApiError as error:
        if not error.is_missing:
            raise
        return
    remember_deadline(names, ends_at)


def is_written(names: Names, ends_at: datetime) -> bool:
    """Return whether this process wrote that deadline a short time ago."""
    deadline, written_at = _written.get(names.base, (None, 0.0))
    return deadline == ends_at and time.monotonic() - written_at < CACHE_SECONDS


def remember_deadline(names: Names, ends_at: datetime) -> None:
    _written[names.base] = (ends_at, time.monotonic())


def forget_deadline(names: Names) -> None:
    _written.pop(names.base, None)
