"""The folders of local workspaces: one at a time, seeded whole, remembered, removed."""

import fcntl
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from operations.provisioners.local.editors import write_private

ID = re.compile(r"[A-Za-z0-9-]{1,64}")
LOCKS = ".locks"


def folders(root: Path) -> list[Path]:
    """Every workspace's folder, by name; raises OSError when `root` is there but not readable."""
    try:
        return sorted(path for path in root.iterdir() if ID.fullmatch(path.name) and path.is_dir())
    except FileNotFoundError:
        return []


@contextmanager
def locked(root: Path, name: str) -> Iterator[None]:
    """Exclude every other holder of the same name, in this process and in others; waits.

    The system releases the lock of whoever is killed.
    """
    path = root / LOCKS / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def seed(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Put the starting files into `files/`; False where they were put before.

    What a candidate wrote is never touched, and a seeding that was cut off is done again.
    Raises OSError, and ValueError for a path that leads out of the folder.
    """
    if has_files(folder):
        return False
    with files_at_once(folder) as part:
        for name, content in files.items():
            relative = PurePosixPath(name)
            if relative.is_absolute() or ".." in relative.parts or not relative.parts:
                raise ValueError(f"{name!r} is not a path within a challenge")
            path = part / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return True


def has_files(folder: Path) -> bool:
    return (folder / "files").exists()


@contextmanager
def files_at_once(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which becomes `files/` only once that is done. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / "files.part"
    remove(part)
    part.mkdir()
    yield part
    part.rename(folder / "files")


def read_state(folder: Path) -> dict[str, Any]:
    """What was written last; empty where nothing was. Raises OSError, and ValueError if broken."""
    try:
        state = json.loads((folder / "state.json").read_text())
    except FileNotFoundError:
        return {}
    if not isinstance(state, dict):
        raise ValueError(f"{folder.name}/state.json is broken")
    return state


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Replace the state, whole or not at all."""
    write_private(folder / "state.json", state)


def remove(folder: Path) -> None:
    """Remove the folder and all below it, read-only folders and absurd depths included.

    Raises OSError when something of it is left; a folder that is not there is fine.
    """
    if not os.path.lexists(folder):
        return
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            if path.lstat().st_mode & 0o700 != 0o700:
                path.chmod(0o700)
            with os.scandir(path) as found:
                inside = [Path(child) for child in found if child.is_dir(follow_symlinks=False)]
            waiting += inside
        except OSError:
            continue  # what really stays is told below
    # shutil.rmtree recurses, and gives up at a thousand levels.
    rm = shutil.which("rm") or "/bin/rm"
    subprocess.run([rm, "-rf", "--", str(folder)], capture_output=True, check=False)
    if os.path.lexists(folder):
        raise OSError(f"{folder.name} is still there")
