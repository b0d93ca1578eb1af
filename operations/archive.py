"""The archives of candidates' files in the file storage, verified after each write."""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.indexes import EarlierArchive
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.provisioners.base import Provisioner, Workspace

logger = structlog.get_logger(__name__)

CHUNK = 1 << 20


class ArchiveNotStoredError(Exception):
    """The storage does not hold the archive; the text is a sentence for staff."""


@dataclass(frozen=True)
class StoredArchive:
    key: str
    bytes: int
    sha256: str


def archive_key(interview_id: str, operation_id: str) -> str:
    """The storage key of an archive, in plain ASCII and unique for each end of an interview."""
    return f"archives/{interview_id}/{operation_id}.tar.gz"


def store_archive(path: Path, key: str) -> StoredArchive:
    """Write a file to the storage, read it back, and compare.

    Raises:
        ArchiveNotStoredError: if the storage fails, or holds other bytes.
    """
    with path.open("rb") as file:
        size, digest = _measure(file)
    try:
        with path.open("rb") as file:
            saved = default_storage.save(key, File(file))
        with default_storage.open(saved, "rb") as file:
            stored = _measure(file)
    except (OSError, BotoCoreError, ClientError) as error:
        logger.warning("archive_not_stored", reason=str(error))
        raise ArchiveNotStoredError(
            "The store did not take the files; the worker's log says why."
        ) from error
    if stored != (size, digest):
        raise ArchiveNotStoredError(
            f"The store holds {stored[0]} bytes of the archive's {size}, or other ones; "
            "it will be saved again."
        )
    return StoredArchive(saved, size, digest)


def fetch_archive(interview: Interview, path: Path) -> Path:
    """Copy the interview's latest archive to `path` and return that.

    Raises:
        ArchiveNotStoredError: if the storage fails, has lost the archive, or holds other bytes.
    """
    try:
        with (
            default_storage.open(str(interview.history_s3_key), "rb") as file,
            path.open("wb") as copy,
        ):
            shutil.copyfileobj(file, copy, CHUNK)
    except FileNotFoundError:
        raise ArchiveNotStoredError("The saved files are no longer in the store.") from None
    except (OSError, BotoCoreError, ClientError) as error:
        logger.warning("archive_not_read", reason=str(error))
        raise ArchiveNotStoredError("The store of the saved files does not answer.") from error
    with path.open("rb") as file:
        digest = _measure(file)[1]
    if interview.archive_sha256 not in (None, digest):
        raise ArchiveNotStoredError(
            "The saved files in the store are not those that were put there."
        )
    return path


def save_workspace(engine: Provisioner, workspace: Workspace, key: str) -> StoredArchive:
    """Export the workspace's files and store them.

    The key must be unique to this attempt: a late one must not overwrite a verified archive.

    Raises:
        ProvisionError: if the engine cannot export the files.
        ArchiveNotStoredError: if the storage does not take them.
    """
    with tempfile.TemporaryDirectory(prefix="takehome-") as folder:
        path = Path(folder) / "files.tar.gz"
        engine.export(workspace, path)
        return store_archive(path, key)


def latest_archive_changes(interview: Interview, stored: StoredArchive) -> dict[str, Any]:
    """The changes that make `stored` the archive of the interview's current opening."""
    return {
        "earlier_archives": earlier_archives(interview),
        "history_s3_key": stored.key,
        "archive_bytes": stored.bytes,
        "archive_sha256": stored.sha256,
        "archive_of": interview.reopened,
        "archive_at": now(),
    }


def earlier_archives(interview: Interview) -> list[EarlierArchive]:
    """The interview's archives that become earlier ones when a new archive is its latest."""
    if not interview.history_s3_key:
        return list(interview.earlier_archives)
    latest = EarlierArchive(  # type: ignore[no-untyped-call]
        key=interview.history_s3_key,
        bytes=interview.archive_bytes,
        sha256=interview.archive_sha256,
        at=interview.archive_at or _saved_at(interview),
    )
    return [*interview.earlier_archives, latest]


def _saved_at(interview: Interview) -> datetime | None:
    """The time of an archive without one: when the interview was last completed."""
    completed_at: list[datetime] = [
        moment.at for moment in interview.timeline if moment.status == Status.COMPLETED
    ]
    return completed_at[-1] if completed_at else None


def _measure(file: "IO[bytes] | File[bytes]") -> tuple[int, str]:
    """The size in bytes and the SHA-256 digest."""
    size, digest = 0, hashlib.sha256()
    while chunk := file.read(CHUNK):
        size += len(chunk)
        digest.update(chunk)
    return size, digest.hexdigest()
