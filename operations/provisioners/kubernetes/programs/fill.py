"""Fill the volume of a new workspace from a tar archive on stdin.

It runs in the container that waits for the files (`prepare`), and imports nothing but the standard
library. Workers may do so at the same time, and die while they do: the first whole archive wins.
"""

import fcntl
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

COMPLETE_MARKER = ".takehome"
PART_PREFIX = ".takehome-part-"
LOCK = "takehome-fill.lock"

FILLED, ALREADY = "filled", "already"


def fill(home: Path, lock_folder: Path, archive: BinaryIO) -> str:
    """Unpack the archive into `home`, unless an earlier call did; return FILLED or ALREADY."""
    with (lock_folder / LOCK).open("w") as lock:
        # The system releases it when its process ends, however that happens.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (home / COMPLETE_MARKER).exists():
            return ALREADY
        for left in home.glob(f"{PART_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        part = Path(tempfile.mkdtemp(prefix=PART_PREFIX, dir=home))
        with tarfile.open(fileobj=archive, mode="r|") as tar:
            # The worker made the archive itself. Before 3.11.4 there are no filters.
            options: Any = {"filter": "fully_trusted"} if hasattr(tarfile, "data_filter") else {}
            tar.extractall(part, **options)  # noqa: S202
        for entry in part.iterdir():
            target = home / entry.name
            if target.is_dir() and not target.is_symlink():
                # A call that was cut off here has left it.
                shutil.rmtree(target)
            entry.replace(target)
        part.rmdir()
        os.sync()
        (home / COMPLETE_MARKER).touch(mode=0o600)
        return FILLED


def main() -> None:
    """Its folders are those of its container: HOME and TMPDIR."""
    result = fill(Path(os.environ["HOME"]), Path(os.environ["TMPDIR"]), sys.stdin.buffer)
    sys.stdout.write(f"{result}\n")
