"""The archives of candidates' files in the file storage, verified after each write."""

import contextlib
import gzip
import hashlib
import posixpath
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import default_storage

from interviews.challenges import library
from interviews.dynamodb import now
from interviews.indexes import EarlierArchive
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.sittings import sitting_at
from operations.archives.not_saved import row_changes
from operations.provisioners.base import NotSaved, Provisioner, Workspace
from operations.provisioners.temporary_folder import temporary_folder
from operations.submissions.keys import index_key, is_index

logger = structlog.get_logger(__name__)

CHUNK = 1 << 20
STORAGE_ERRORS = (OSError, BotoCoreError, ClientError)
# A worker may have stored an archive this long ago and not yet written its key.
UNREFERENCED_LIFETIME = timedelta(hours=1)


class ArchiveNotStoredError(Exception):
    """The storage does not hold the archive; the text is a sentence for staff."""


class StoreUnavailableError(ArchiveNotStoredError):
    """The storage cannot be read now; the text is a sentence for staff."""

    def __init__(self) -> None:
        super().__init__("The file store isn't responding.")


@dataclass(frozen=True)
class StoredArchive:
    key: str
    bytes: int
    sha256: str
    not_saved: tuple[NotSaved, ...] = ()


def archive_key(interview_id: str, operation_id: str) -> str:
    """The storage key of an archive, in plain ASCII and unique for each end of an interview."""
    return f"archives/{interview_id}/{operation_id}.tar.gz"


def store_archive(path: Path, key: str, not_saved: Iterable[NotSaved] = ()) -> StoredArchive:
    """Write a file to the storage, read it back, and compare. Delete it again if that fails.

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
    except STORAGE_ERRORS as error:
        logger.warning("archive_not_stored", reason=str(error))
        # Half an archive would fill a full disk further with each attempt.
        _try_to_delete(key)
        raise ArchiveNotStoredError(
            "The files couldn't be stored. See the worker's log."
        ) from error
    if stored != (size, digest):
        _try_to_delete(saved)
        raise ArchiveNotStoredError(
            f"The store holds {stored[0]} bytes of the archive's {size}, or other ones; "
            "it will be saved again."
        )
    return StoredArchive(saved, size, digest, tuple(not_saved))


def fetch_archive(interview: Interview, path: Path) -> Path:
    """Copy the interview's latest archive to `path` and return that.

    Raises:
        StoreUnavailableError: if the storage fails.
        ArchiveNotStoredError: if it has lost the archive, or holds other bytes.
    """
    try:
        copy_archive(str(interview.history_s3_key), path)
    except FileNotFoundError:
        raise ArchiveNotStoredError("The saved files are missing from the store.") from None
    except STORAGE_ERRORS as error:
        logger.warning("archive_not_read", reason=str(error))
        raise StoreUnavailableError from error
    with path.open("rb") as file:
        digest = _measure(file)[1]
    if interview.archive_sha256 not in (None, digest):
        raise ArchiveNotStoredError("The saved files in the store were changed.")
    return path


def copy_archive(key: str, path: Path) -> None:
    """Copy a stored archive to `path`.

    Raises:
        FileNotFoundError: if it is not stored.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    with default_storage.open(key, "rb") as file, path.open("wb") as copy:
        shutil.copyfileobj(file, copy, CHUNK)


def save_workspace(
    engine: Provisioner, workspace: Workspace, interview: Interview, key: str
) -> StoredArchive:
    """Export the files of a workspace of the interview and store them.

    The key must be unique to this attempt: a late one must not overwrite a verified archive.

    Raises:
        ProvisionError: if the engine cannot export the files.
        ArchiveNotStoredError: if the export is broken, or the storage does not take it.
    """
    with exported(engine, workspace, interview) as (path, not_saved):
        return store_archive(path, key, not_saved)


@contextlib.contextmanager
def exported(
    engine: Provisioner, workspace: Workspace, interview: Interview
) -> Iterator[tuple[Path, list[NotSaved]]]:
    """Yield a whole archive of a workspace of the interview, and what it does not have.

    Raises:
        ProvisionError: if the engine cannot export the files.
        ArchiveNotStoredError: if the export is broken.
    """
    number = interview.challenge_version
    version = library.get_version(interview.challenge, None if number is None else int(number))
    starting_paths = [file.path for file in version.starting_files] if version is not None else []
    with temporary_folder() as folder:
        path = folder / "files.tar.gz"
        not_saved = engine.export(workspace, path, starting_paths)
        _require_whole(path)
        yield path, not_saved


def latest_archive_changes(interview: Interview, stored: StoredArchive) -> dict[str, Any]:
    """The changes that make `stored` the archive of the interview's current sitting."""
    return {
        "earlier_archives": earlier_archives(interview),
        "history_s3_key": stored.key,
        "archive_bytes": stored.bytes,
        "archive_sha256": stored.sha256,
        "archive_of": interview.reopened,
        "archive_at": now(),
        **row_changes(stored.not_saved),
    }


def archives_of_sittings(interview: Interview) -> dict[int, list[tuple[int, EarlierArchive]]]:
    """The archives of each sitting, by its number, with their places in `earlier_archives`.

    The last of a sitting is what was saved at its end. Archives of which it is not known are left
    out: they have neither a number nor a time.
    """
    found: dict[int, list[tuple[int, EarlierArchive]]] = {}
    for place, archive in enumerate(earlier_archives(interview)):
        if archive.sitting is not None:
            found.setdefault(int(archive.sitting), []).append((place, archive))
        elif archive.at is not None:
            number = sitting_at(interview, archive.at)
            found.setdefault(number, []).append((place, archive))
    for archives in found.values():
        # Those may be found much later.
        archives.sort(key=lambda each: not each[1].is_left_behind)
    return found


def earlier_archives(interview: Interview) -> list[EarlierArchive]:
    """The interview's archives that become earlier ones when a new archive is its latest."""
    if not interview.history_s3_key:
        return list(interview.earlier_archives)
    latest = EarlierArchive(  # type: ignore[no-untyped-call]
        key=interview.history_s3_key,
        bytes=interview.archive_bytes,
        sha256=interview.archive_sha256,
        at=interview.archive_at or _saved_at(interview),
        sitting=int(interview.archive_of or 0) + 1,
        not_saved=interview.not_saved,
        not_saved_count=interview.not_saved_count,
    )
    return [*interview.earlier_archives, latest]


def archive_folder(interview_id: str) -> str:
    return posixpath.dirname(archive_key(interview_id, ""))


def stored_keys(interview: Interview) -> set[str]:
    """The keys of the interview's archives and their indexes.

    With those that an interrupted teardown left.
    """
    folder = archive_folder(interview.id)
    keys = {file.key for file in earlier_archives(interview)}
    with contextlib.suppress(FileNotFoundError):
        keys |= {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
    return keys


def count_archives(keys: Iterable[str]) -> int:
    return sum(not is_index(key) for key in keys)


def delete_copies_of(interview: Interview, operation_id: str) -> None:
    """Delete what the attempts of a finished teardown stored, except the archives of the row.

    An attempt that stored its archive and then lost the tables leaves a copy.
    """
    prefix = archive_key(interview.id, operation_id).removesuffix(".tar.gz")
    _delete_unreferenced(interview, lambda key: key.startswith(f"{prefix}-"))


def delete_old_copies(interview: Interview) -> None:
    """Delete each copy of an ended interview's archives that no worker can still refer to."""
    before = now() - UNREFERENCED_LIFETIME
    _delete_unreferenced(interview, lambda key: default_storage.get_modified_time(key) < before)


def _delete_unreferenced(interview: Interview, is_deletable: Callable[[str], bool]) -> None:
    """Delete the interview's stored files that its row does not name. An error is only logged."""
    archives = {file.key for file in earlier_archives(interview)}
    folder = archive_folder(interview.id)
    referenced = archives | {index_key(folder, key) for key in archives}
    try:
        for key in stored_keys(interview) - referenced:
            if is_deletable(key):
                default_storage.delete(key)
                logger.info("archive_copy_deleted", interview=interview.id, key=key)
    except STORAGE_ERRORS as error:
        logger.warning("archive_copies_not_deleted", interview=interview.id, reason=str(error))


def _require_whole(path: Path) -> None:
    """Read an exported archive to its end, before the workspace is destroyed for it.

    Raises:
        ArchiveNotStoredError: if it is cut off or damaged.
    """
    try:
        with gzip.open(path) as content:
            with tarfile.open(fileobj=content, mode="r|") as archive:
                for _ in archive:
                    pass
            # The checksum comes after the last file.
            while content.read(CHUNK):
                pass
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        logger.warning("archive_broken", reason=str(error))
        raise ArchiveNotStoredError(
            "The engine returned a broken archive of the files. Saving again."
        ) from error


def _try_to_delete(key: str) -> None:
    with contextlib.suppress(*STORAGE_ERRORS):
        default_storage.delete(key)


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
