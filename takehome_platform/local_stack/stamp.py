"""Whether the stores are as this code wants them, so that a start need not wait for `prepare`.

`prepare` leaves a stamp in DATA_DIR: of the code and the settings that it worked with, and of the
places where it put things. If a later start finds all of them the same, there is nothing to do.
"""

import hashlib
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

from takehome_platform.local_stack.config import ROOT

CODE = (
    "takehome_platform",
    "interviews",
    "operations",
    "candidate_portal",
    "dashboard",
    "challenges",
    "constraints.txt",
)
# The settings that name a store, or what is in it, begin with these.
SETTINGS = ("AWS_", "CELERY_", "DYNAMODB_REGION", "FILES_", "LEGACY_", "TABLE_")
# Stores on another machine, if they are set.
ELSEWHERE = ("DATABASE_URL", "FILES_BUCKET")
# The argument of `prepare` that leaves the stores alone.
ONLY_ADMIN = "--only-admin"
# Below DATA_DIR; made by `prepare` or by the local DynamoDB server.
PLACES = ("db.sqlite3", "dynamodb")


def is_prepared(data_dir: Path, environ: Mapping[str, str]) -> bool:
    """Whether the stores are as the last `prepare` left them, and the code and settings too.

    The stamp is gone after that, until `prepare` has succeeded: a start that is cut off while it
    changes something, or that fails, is followed by one that prepares everything.
    """
    file = _file(data_dir)
    try:
        stamp = file.read_text()
    except OSError:
        return False
    file.unlink()
    try:
        return stamp == _stamp(data_dir, code_stamp(environ))
    except OSError:
        return False


def code_stamp(environ: Mapping[str, str]) -> str:
    """Of the code and the settings; take it before the stores are prepared.

    "" if a store is on another machine, where nobody knows what happens to it.
    """
    if any(environ.get(name) for name in ELSEWHERE):
        return ""
    found = hashlib.sha256(repr(sys.version_info).encode())
    for name in sorted(environ):
        if name.startswith(SETTINGS):
            found.update(f"{name}={environ[name]}\0".encode())
    # Installing a package changes its folder; `pip install` may bring other migrations.
    for path in (Path(sysconfig.get_path("purelib")), *_code()):
        status = path.stat()
        found.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return found.hexdigest()


def note_prepared(data_dir: Path, code: str) -> None:
    """Leave the stamp, with the `code_stamp` of what prepared the stores.

    Raises:
        OSError: if it cannot be written.
    """
    if code:
        part = _file(data_dir).with_suffix(".part")
        part.write_text(_stamp(data_dir, code))
        part.replace(_file(data_dir))


def _file(data_dir: Path) -> Path:
    return data_dir / "prepared"


def _stamp(data_dir: Path, code: str) -> str:
    """Raises FileNotFoundError if a place is not there."""
    places = ((data_dir / name).stat() for name in PLACES)
    return " ".join([code, *(f"{each.st_dev}:{each.st_ino}" for each in places)])


def _code() -> Iterator[Path]:
    for name in CODE:
        path = ROOT / name
        if path.is_file():
            yield path
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(set(folders) - {"__pycache__"})
            yield from (Path(folder, file) for file in sorted(files))
