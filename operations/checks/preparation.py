"""The files that a check is run on: those of its subject, with the check's own laid over them.

The submission is of unknown origin, and may have a link wherever the check has a file or a folder:
what is in the way is removed, and nothing is written through it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.conf import settings

from interviews import queries
from interviews.challenges.checks.files import overlay_of, solution_of, starting_files
from interviews.challenges.checks.manifest import Check
from interviews.challenges.starting_files import StartingFiles
from operations.archives.archive import StoreUnavailableError, copy_archive
from operations.checks.models import CheckRun, Subject
from operations.progress.restore import pack_state
from operations.provisioners.local.unpack import unpack_archive
from operations.provisioners.local.workdirs import remove_folder, write_starting_files


class NoSolutionError(Exception):
    """The version has no reference solution."""


def prepared_root() -> Path:
    """The folder of all prepared files. What a killed worker left in it is removed by `sweep`."""
    return Path(settings.DATA_DIR) / "check-files"


def prepared_folders() -> list[Path]:
    """The folders that are there, of all runs.

    Raises:
        OSError: if they cannot be listed.
    """
    try:
        return list(prepared_root().iterdir())
    except FileNotFoundError:
        return []


@contextmanager
def prepared_folder(name: str) -> Iterator[Path]:
    """An empty folder of this name, which is removed at the end."""
    folder = prepared_root() / name
    remove_folder(folder)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        remove_folder(folder)


def archive_of(run: CheckRun, path: Path) -> Path | None:
    """Write the archive of a submission or of a kept state to `path`; None for a trial.

    Raises:
        FileNotFoundError: if it is not stored.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    if run.subject == Subject.SUBMISSION:
        copy_archive(run.archive_key, path)
        return path
    if run.subject == Subject.STATE:
        interview = queries.get_interview(run.interview_id)
        number = run.progress_state or 0
        try:
            if interview is None or not pack_state(interview, number, path):
                raise FileNotFoundError(f"{run.interview_id}: state {number}")
        except StoreUnavailableError as error:
            raise OSError(str(error)) from error
        return path
    return None


def write_subject(
    folder: Path, subject: str, version_files: StartingFiles, archive: Path | None
) -> Path:
    """Write what the checks are about into `folder`, and return the folder of its files.

    Raises:
        NoSolutionError: if that is the subject, and there is none.
        DamagedArchiveError, ArchiveTooLargeError: if the archive cannot be unpacked.
        OSError: if the files cannot be written.
    """
    if archive is not None:
        unpack_archive(folder, archive, lambda line: None)
    else:
        given: StartingFiles | None = starting_files(version_files)
        if subject == Subject.SOLUTION:
            given = solution_of(version_files)
        if given is None:
            raise NoSolutionError
        write_starting_files(folder, given, given.executable)
    return folder / "files"


def lay_over(files: Path, check: Check, version_files: StartingFiles) -> None:
    """Remove a report that is there already, and put the check's files in their places.

    Raises:
        OSError: if the files cannot be written.
    """
    if check.report:
        _clear(files, PurePosixPath(check.report))
        remove_folder(files / check.report)
    overlay = overlay_of(check, version_files)
    for path, content in overlay.items():
        _clear(files, PurePosixPath(path))
        target = files / path
        remove_folder(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        mode = 0o755 if path in overlay.executable else 0o644
        with os.fdopen(os.open(target, flags, mode), "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)


def _clear(files: Path, path: PurePosixPath) -> None:
    """Make each folder above `path` a real one that can be written to, if it is there."""
    for parent in reversed(path.parents):
        folder = files / parent
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(folder.stat().st_mode | 0o700)
        elif os.path.lexists(folder):
            folder.unlink()
