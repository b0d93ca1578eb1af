"""The candidate's files in the store: put there, and believed only when the store confirms."""

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
    """The store does not hold what was put there; the text is a sentence for staff."""


@dataclass(frozen=True)
class Stored:
    key: str
    bytes: int
    sha256: str


def key_of(interview_id: str, operation_id: str) -> str:
    """Unique for every end of every interview, in plain ASCII whatever the candidate's name."""
    return f"archives/{interview_id}/{operation_id}.tar.gz"


def store(path: Path, key: str) -> Stored:
    """Put a file in the store, read it back, and compare. ArchiveNotStoredError: it is not there
    as it was."""
    with path.open("rb") as file:
        size, digest = _measure(file)
    try:
        with path.open("rb") as file:
            saved = default_storage.save(key, File(file))
        with default_storage.open(saved, "rb") as file:
            found = _measure(file)
    except (OSError, BotoCoreError, ClientError) as error:
        logger.warning("archive_not_stored", reason=str(error))
        raise ArchiveNotStoredError(
            "The store did not take the files; the worker's log says why."
        ) from error
    if found != (size, digest):
        raise ArchiveNotStoredError(
            f"The store holds {found[0]} bytes of the archive's {size}, or other ones; "
            "it will be saved again."
        )
    return Stored(saved, size, digest)


def fetch(interview: Interview, path: Path) -> Path:
    """Put the interview's last saved archive at `path`. ArchiveNotStoredError: the store has lost
    it."""
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


def save(engine: Provisioner, workspace: Workspace, key: str) -> Stored:
    """Have the engine pack the workspace's files, and put them in the store under a key that no
    other try has: a late one must not write over what was verified. ProvisionError,
    ArchiveNotStoredError."""
    with tempfile.TemporaryDirectory(prefix="takehome-") as folder:
        path = Path(folder) / "files.tar.gz"
        engine.export(workspace, path)
        return store(path, key)


def as_last(interview: Interview, stored: Stored) -> dict[str, Any]:
    """What makes these the files of the interview's current opening, which its page offers."""
    return {
        "earlier_archives": earlier(interview),
        "history_s3_key": stored.key,
        "archive_bytes": stored.bytes,
        "archive_sha256": stored.sha256,
        "archive_of": interview.reopened,
        "archive_at": now(),
    }


def earlier(interview: Interview) -> list[EarlierArchive]:
    """The archives of an interview once another is its last."""
    if not interview.history_s3_key:
        return list(interview.earlier_archives)
    last = EarlierArchive(  # type: ignore[no-untyped-call]
        key=interview.history_s3_key,
        bytes=interview.archive_bytes,
        sha256=interview.archive_sha256,
        at=interview.archive_at or _saved_at(interview),
    )
    return [*interview.earlier_archives, last]


def _saved_at(interview: Interview) -> datetime | None:
    """When the end of before was over: the archive is as old as that."""
    ends: list[datetime] = [
        moment.at for moment in interview.timeline if moment.status == Status.COMPLETED
    ]
    return ends[-1] if ends else None


def _measure(file: "IO[bytes] | File[bytes]") -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := file.read(CHUNK):
        size += len(chunk)
        digest.update(chunk)
    return size, digest.hexdigest()
