"""The deadline file of a sidecar, which ends a workspace even if the platform is down."""

import time
from datetime import UTC, datetime, timedelta

from docker.models.containers import Container

from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.naming import Names

# How long after its deadline a workspace stops by itself if the platform has not ended it.
GRACE_PERIOD = timedelta(minutes=30)
# Must be less than GRACE_PERIOD.
CACHE_SECONDS = 600.0

# The deadlines that this process has written: the editor's name -> (deadline, time of the write in
# monotonic seconds). Another process may have written a different one since, so entries expire.
_written: dict[str, tuple[datetime, float]] = {}


def deadline_file(ends_at: datetime) -> tar_stream.TarEntry:
    """Return the file that tells the sidecar when to end the workspace (epoch seconds)."""
    stop_at = int((max(ends_at, datetime.now(UTC)) + GRACE_PERIOD).timestamp())
    return tar_stream.file_entry("takehome/ends-at", f"{stop_at}\n".encode())


def write_deadline(sidecar: Container, names: Names, ends_at: datetime) -> None:
    """Write the deadline into a running sidecar."""
    tar_stream.put_entries(sidecar, "/", [deadline_file(ends_at)])
    remember_deadline(names, ends_at)


def is_written(names: Names, ends_at: datetime) -> bool:
    """Return whether this process wrote that deadline less than CACHE_SECONDS ago."""
    deadline, written_at = _written.get(names.editor, (None, 0.0))
    return deadline == ends_at and time.monotonic() - written_at < CACHE_SECONDS


def remember_deadline(names: Names, ends_at: datetime) -> None:
    """Note that the workspace has this deadline."""
    _written[names.editor] = (ends_at, time.monotonic())


def forget_deadline(names: Names) -> None:
    """Forget a workspace that was removed."""
    _written.pop(names.editor, None)
