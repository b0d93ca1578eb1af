"""The folders of local workspaces: list, lock, fill and remove them, and keep their state."""

import fcntl
import json
import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from operations.provisioners.local.editors import write_private_json

WORKSPACE_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
LOCKS = ".locks"


def list_workdirs(root: Path) -> list[Path]:
    """Return every workspace's folder, sorted by name.

    Raises:
        OSError: if `root` exists but cannot be read.
    """
    try:
        return sorted(
            path for path in root.iterdir() if WORKSPACE_NAME.fullmatch(path.name) and path.is_dir()
        )
    except FileNotFoundError:
        return []


@contextmanager
def lock_workdir(root: Path, name: str) -> Iterator[None]:
    """Hold the lock of that name exclusively, across processes; wait until it is free.

    The system releases the lock of a process that is killed.
    """
    path = root / LOCKS / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_starting_files(
    folder: Path, files: Mapping[str, bytes], executable: Collection[str] = ()
) -> bool:
    """Write the starting files to `files/`; return False if that folder exists already.

    This never changes a candidate's files, and starts again if an earlier call was cut off.

    Raises:
        OSError: if the files cannot be written.
        ValueError: if a path leads out of the folder.
    """
    if has_files(folder):
        return False
    with fill_files_folder(folder) as part:
        for name, content in files.items():
            relative = PurePosixPath(name)
            if relative.is_absolute() or ".." in relative.parts or not relative.parts:
                raise ValueError(f"{name!r} is not a path within a challenge")
            path = part / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            if name in executable:
                _make_executable(path)
    return True


def _make_executable(path: Path) -> None:
    """Give the execute bit to everybody who may read the file, as `chmod +x` does."""
    mode = path.stat().st_mode
    path.chmod(mode | (mode & 0o444) >> 2)


def has_files(folder: Path) -> bool:
    return (folder / "files").exists()


@contextmanager
def fill_files_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder, and rename it to `files/` after the block succeeded.

    Raises:
        OSError: if the folder cannot be created or renamed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / "files.part"
    remove_folder(part)
    part.mkdir()
    yield part
    part.rename(folder / "files")


def read_state(folder: Path) -> dict[str, Any]:
    """Return the last written state, or an empty one if there is none.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is not valid.
    """
    try:
        state = json.loads((folder / "state.json").read_text())
    except FileNotFoundError:
        return {}
    if not isinstance(state, dict):
        raise ValueError(f"{folder.name}/state.json is broken")
    return state


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Replace the state atomically."""
    write_private_json(folder / "state.json", state)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all its content, at any depth and even if it is read-only.

    A folder that does not exist is fine.

    Raises:
        OSError: if something is left.
    """
    if not os.path.lexists(folder):
        return
    pending = [folder]
    while pending:
        path = pending.pop()
        try:
            if path.lstat().st_mode & 0o700 != 0o700:
                path.chmod(0o700)
            with os.scandir(path) as scan:
                pending += [Path(child) for child in scan if child.is_dir(follow_symlinks=False)]
        except OSError:
            continue  # the check below reports anything that is left
    # shutil.rmtree is recursive and fails at about a thousand levels.
    rm = shutil.which("rm") or "/bin/rm"
    subprocess.run([rm, "-rf", "--", str(folder)], capture_output=True, check=False)
    if os.path.lexists(folder):
        raise OSError(f"{folder.name} is still there")
