"""Temporary folders for candidates' files, which do not stay when their process is killed.

A process holds a lock on each of its folders, which the system releases when the process ends: a
folder that nobody holds was left by one that could not remove it.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from operations.provisioners.local.workdirs import remove_folder

logger = structlog.get_logger(__name__)

PREFIX = "takehome-files-"
# Between its making and its lock a folder looks as if it was left.
MIN_AGE_SECONDS = 10


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder, removed at the end.

    Raises:
        OSError: if it cannot be made.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name, _locked(Path(name)):
        yield Path(name)


def remove_left() -> None:
    """Remove the folders of processes of this machine that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.stat().st_mtime + MIN_AGE_SECONDS > time.time():
                continue
            with _locked(folder):
                remove_folder(folder)
        except (BlockingIOError, FileNotFoundError, PermissionError):
            # In use, gone by now, or of another user of this machine.
            continue
        except OSError as error:
            logger.warning("temporary_folder_not_removed", name=folder.name, reason=str(error))
        else:
            logger.warning("temporary_folder_removed", name=folder.name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder.

    Raises:
        BlockingIOError: if another process does.
        OSError: if it cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        with suppress(OSError):
            os.close(descriptor)
