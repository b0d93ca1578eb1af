"""The deadline file of a sidecar, which ends a workspace even if the platform is down."""

from datetime import datetime

from docker.models.containers import Container

from operations.provisioners.deadlines import remember_deadline, stop_time
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.naming import Names


def deadline_file(ends_at: datetime) -> tar_stream.TarEntry:
    """Return the file that tells the sidecar when to end the workspace (epoch seconds)."""
    stop_at = int(stop_time(ends_at).timestamp())
    return tar_stream.file_entry("takehome/ends-at", f"{stop_at}\n".encode())


def write_deadline(sidecar: Container, names: Names, ends_at: datetime) -> None:
    """Write the deadline into a running sidecar."""
    tar_stream.put_entries(sidecar, "/", [deadline_file(ends_at)])
    remember_deadline(names.editor, ends_at)
