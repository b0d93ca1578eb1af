"""Whether the disk of DATA_DIR has room: without it each service would exit at its first write."""

import errno
import shutil
from pathlib import Path

from takehome_platform.local_stack.config import StartupError

MIN_FREE_BYTES = 20_000_000
FULL_DISK_ERRNOS = (errno.ENOSPC, errno.EDQUOT)


def has_room(folder: Path) -> bool:
    return shutil.disk_usage(folder).free >= MIN_FREE_BYTES


def full_disk_message(folder: Path) -> str:
    """The beginning of a sentence that says how much is free, and where."""
    free = shutil.disk_usage(folder).free // 1_000_000
    return f"The disk of {folder} is full ({free} MB are free)"


def require_room(folder: Path) -> None:
    """Check that a start makes sense.

    Raises:
        StartupError: if the disk is full.
    """
    if not has_room(folder):
        raise StartupError(f"{full_disk_message(folder)}. Free some space and start again.")
