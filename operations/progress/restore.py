"""Start a lost workspace again with the files of its last kept state, or save them at its end."""

import gzip
import io
import os
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.db.models import QuerySet

from interviews.dynamodb import now
from interviews.models import Interview
from operations.archives.archive import STORAGE_ERRORS, StoreUnavailableError
from operations.progress.manifest import KeptFile, Manifest
from operations.progress.manifest_store import BrokenManifestError, read_manifest
from operations.progress.models import ProgressState
from operations.progress.packs import MUCH_READ_AHEAD, BrokenPackError, PackReader
from operations.provisioners.base import Log, WorkspaceGoneError
from operations.submissions import paths
from operations.submissions.starting import StartingVersion

logger = structlog.get_logger(__name__)

# Any name: a workspace has what is below the one folder of an archive.
TOP = "files"
MAX_LISTED = 5
STARTING_FILES = 0
"""Of `restoring_state`: no state was kept, and the workspace has what it had at the beginning."""


def begin_restore(interview: Interview) -> bool:
    """Note that the workspace is started again with a kept state; False if there is none.

    It is noted in the row before anything is on the engine: whoever goes on after this worker died
    must not take half of the files for all of them. If it was noted before, this is the newest
    state: the workspace may have run since, although its worker died before it could say so.

    Raises:
        StaleWriteError: if the row changed since it was read.
        StoreUnavailableError: if the storage fails.
    """
    state = last_readable(interview)
    if state is None:
        return False
    if interview.restoring_state != state.number:
        interview.change(restoring_state=state.number)
    return True


def record_restored(interview: Interview, **changes: Any) -> None:
    """Write `changes`, and that a workspace was started again with the state that was noted.

    Raises:
        StaleWriteError: if the row changed since it was read.
    """
    state = _restoring(interview)
    kept_at: datetime = state.at if state is not None else now()
    if interview.restoring_state == STARTING_FILES:
        kept_at = interview.ready_at or kept_at
    interview.add_restored(kept_at, **changes)


def write_archive(interview: Interview, path: Path, log: Log, *, step: str) -> Path:
    """Write the state that is being restored as an archive, and return its path.

    A file whose content is not kept is taken from the challenge, if it is one of its files; others
    are listed in the log.

    Raises:
        WorkspaceGoneError: in this step, if the state or its list cannot be read: an empty folder
            must not stand for the candidate's files.
        StoreUnavailableError: if the storage fails.
    """
    state = _restoring(interview)
    manifest = _read(state) if state is not None else None
    if state is None or manifest is None:
        raise WorkspaceGoneError(
            step, "The workspace is gone, and what was kept of it can't be read."
        )
    missing = _pack(manifest, interview, path)
    why = "Its machine is down" if interview.has_left_machine else "The workspace was lost"
    log(f"{why}. Using the files that were kept at {state.at:%H:%M} UTC.")
    if missing:
        names = ", ".join(map(paths.shown, missing[:MAX_LISTED]))
        more = f" and {len(missing) - MAX_LISTED} more" if len(missing) > MAX_LISTED else ""
        log(f"Not restored, as their content isn't kept: {names}{more}.")
    return path


def pack_state(interview: Interview, number: int, path: Path) -> bool:
    """Write a state as an archive, without the files whose content is not to be had; False if the
    state, or its list of files, is not there.

    Raises:
        StoreUnavailableError: if the storage fails.
    """
    state = ProgressState.objects.filter(interview_id=interview.id, number=number).first()
    manifest = _read(state) if state is not None else None
    if manifest is None:
        return False
    _pack(manifest, interview, path)
    return True


def _pack(manifest: Manifest, interview: Interview, path: Path) -> list[bytes]:
    """Write the files of a state as an archive, and return the paths that are missing in it."""
    missing: list[bytes] = []
    with (
        path.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        PackReader(MUCH_READ_AHEAD) as packs,
    ):
        archive.addfile(_info(b"", tarfile.DIRTYPE, 0o755))
        starting = StartingVersion.of(interview)
        for _, file in manifest.in_order_of_packs():
            if not _add(archive, file, _content(file, manifest, packs, starting)):
                missing.append(file.path)
    return missing


def _restoring(interview: Interview) -> ProgressState | None:
    number = interview.restoring_state
    if number is None:
        return None
    return ProgressState.objects.filter(interview_id=interview.id, number=int(number)).first()


def states_of_sitting(interview_id: str, sitting: int) -> QuerySet[ProgressState]:
    """The kept states of one sitting, newest first."""
    states = ProgressState.objects.filter(interview_id=interview_id, sitting=sitting)
    return states.order_by("-number")


def last_readable(interview: Interview) -> ProgressState | None:
    """The newest state of this sitting whose list can be read.

    Raises:
        StoreUnavailableError: if the storage fails.
    """
    for state in states_of_sitting(interview.id, int(interview.reopened or 0) + 1):
        if _read(state) is not None:
            return state
    return None


def _read(state: ProgressState) -> Manifest | None:
    try:
        return read_manifest(state.key)
    except BrokenManifestError as error:
        logger.warning("progress_list_lost", interview=state.interview_id, reason=str(error))
        return None
    except STORAGE_ERRORS as error:
        logger.warning("progress_not_read", interview=state.interview_id, reason=str(error))
        raise StoreUnavailableError from error


def _add(archive: tarfile.TarFile, file: KeptFile, content: bytes | None) -> bool:
    """Add a file or link; return False if its content is not to be had."""
    if file.is_link:
        info = _info(file.path, tarfile.SYMTYPE, file.mode)
        info.linkname = os.fsdecode(file.target)
        archive.addfile(info)
        return True
    if content is None:
        return False
    info = _info(file.path, tarfile.REGTYPE, file.mode)
    info.size, info.mtime = len(content), file.mtime_ns // 10**9
    archive.addfile(info, io.BytesIO(content))
    return True


def _content(
    file: KeptFile, manifest: Manifest, packs: PackReader, starting: StartingVersion | None
) -> bytes | None:
    if file.is_link:
        return None
    kept = manifest.contents.get(file.sha256)
    try:
        if kept is not None:
            return packs.read(kept, file.sha256)
    except BrokenPackError as error:
        logger.warning("progress_content_lost", reason=str(error))
        return None
    except STORAGE_ERRORS as error:
        logger.warning("progress_not_read", reason=str(error))
        raise StoreUnavailableError from error
    content = starting.content(file.path) if starting is not None else None
    return content if content is not None and len(content) == file.size else None


def _info(path: bytes, type_: bytes, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(f"{TOP}/{os.fsdecode(path)}".rstrip("/"))
    info.type, info.mode = type_, mode
    return info
