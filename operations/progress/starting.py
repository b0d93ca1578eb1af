"""The starting files of a challenge, which the first state of an interview is compared with."""

from collections.abc import Iterable

import structlog

from interviews.challenges.storage import BrokenChallengeError
from operations.archives.archive import STORAGE_ERRORS
from operations.progress.manifest import KeptFile, Manifest
from operations.submissions.starting import StartingVersion

logger = structlog.get_logger(__name__)


def starting_manifest(starting: StartingVersion | None, new: Manifest) -> Manifest:
    """The starting files as a list of files."""
    if starting is None:
        return Manifest()
    try:
        described = starting.files()
    except (BrokenChallengeError, *STORAGE_ERRORS) as error:
        logger.warning("progress_not_compared", reason=str(error))
        return Manifest()
    files: Iterable[KeptFile] = (
        KeptFile(
            path,
            is_link=False,
            # Of files from before the execute bit it is not known, so that it never differs.
            mode=(new.files[path].mode if path in new.files else 0o644)
            if file.is_executable is None
            else 0o755
            if file.is_executable
            else 0o644,
            size=file.size,
            mtime_ns=0,
            ctime_ns=0,
            inode=0,
            sha256=file.sha256.hex(),
        )
        for path, file in described.items()
    )
    return Manifest({file.path: file for file in files})


def read_starting(starting: StartingVersion | None, sha256: str) -> bytes | None:
    """The content of the starting file with this hash, or None if there is none."""
    if starting is None:
        return None
    for file in starting.version.files:
        if file.sha256 == sha256:
            return starting.content(file.path.encode())
    return None
