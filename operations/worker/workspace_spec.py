"""What a workspace is made of: the files, the limits and the rules of its interview."""

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import structlog

from interviews.challenges import library, models, storage
from interviews.challenges.starting_files import StartingFiles
from interviews.dynamodb import now
from interviews.models import Interview
from operations import policies
from operations.archives import archive
from operations.practice.files import practice_files
from operations.progress import restore
from operations.provisioners.archive_writer import open_archive
from operations.provisioners.base import Log, ProvisionError, WorkspaceSpec
from operations.provisioners.temporary_folder import temporary_folder

logger = structlog.get_logger(__name__)


@contextmanager
def workspace_spec(
    interview: Interview, version: models.Version | None, *, is_restart: bool, log: Log
) -> Iterator[WorkspaceSpec]:
    """Yield what to provision, with the files that it needs in a temporary folder.

    `version` is that of the interview's challenge.

    Raises:
        ProvisionError: if the files are lost or broken.
        StoreUnavailableError: if the store of files does not respond.
    """
    with temporary_folder() as folder:
        cpus, memory_mb = limits_of(version)
        policy = policies.policy_of(interview, version)
        # A restart passes no files: the candidate's work must not be overwritten.
        files, saved_files = None, None
        if is_restart and interview.restoring_state is not None:
            restore.begin_restore(interview)
        if not is_restart or interview.restoring_state == restore.STARTING_FILES:
            files = _challenge_files(interview, version)
            saved_files = _saved_files(interview, folder / "files.tar.gz")
        elif interview.restoring_state is not None:
            path = folder / "files.tar.gz"
            saved_files = restore.write_archive(interview, path, log, step="provision")
        yield WorkspaceSpec(
            workspace_name=interview.workspace_name,
            password=str(interview.password),
            files=files,
            executable=files.executable if files is not None else frozenset(),
            ends_at=interview.auto_destroy_at or now(),
            archive=saved_files,
            cpus=cpus,
            memory_mb=memory_mb,
            internet=not policy.forbids("internet"),
            features=policies.editor_features(policy),
        )


def write_starting_files(interview: Interview, path: Path) -> None:
    """Write what the workspace of this sitting began with as an archive.

    Raises:
        ProvisionError: if the files are lost or broken.
        StoreUnavailableError: if the store of files does not respond.
    """
    version = library.get_version(interview.challenge, version_number(interview))
    files = _challenge_files(interview, version)
    if _saved_files(interview, path) is not None:
        return
    with open_archive(path, restore.TOP) as writer:
        for name, content in files.items():
            mode = 0o755 if name in files.executable else 0o644
            size = len(content)
            writer.add(name, tarfile.REGTYPE, mode, 0, size=size, content=BytesIO(content))


def version_number(interview: Interview) -> int | None:
    """The version of its challenge that the interview was made with, if it has one."""
    return None if interview.challenge_version is None else int(interview.challenge_version)


def limits_of(version: models.Version | None) -> tuple[float | None, int | None]:
    """The processors and the memory (MiB) that the challenge says; None for the engine's own."""
    if version is None:
        return None, None
    memory_mb = version.memory_mb
    return version.cpus, None if memory_mb is None else int(memory_mb)


def _challenge_files(interview: Interview, version: models.Version | None) -> StartingFiles:
    if interview.is_practice:
        return practice_files(interview)
    if interview.reopened:
        return StartingFiles({})
    if version is None:
        raise ProvisionError("provision", "The challenge is no longer in the library.")
    try:
        return library.read_starting_files(version)
    except storage.BrokenChallengeError as error:
        raise ProvisionError("provision", str(error)) from None
    except FileNotFoundError:
        raise
    except archive.STORAGE_ERRORS as error:
        logger.warning("challenge_not_read", reason=str(error))
        raise archive.StoreUnavailableError from error


def _saved_files(interview: Interview, path: Path) -> Path | None:
    """The archive of the previous sitting, for a reopened test, which is copied to `path`."""
    if not interview.reopened or not interview.history_s3_key:
        return None
    try:
        return archive.fetch_archive(interview, path)
    except archive.StoreUnavailableError:
        raise
    except archive.ArchiveNotStoredError as error:
        raise ProvisionError("provision", str(error)) from None
