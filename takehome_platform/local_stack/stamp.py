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
SETTINGS = ("AWS_", "CELERY_", "DATABASE_", "DYNAMODB_REGION", "FILES_", "LEGACY_", "TABLE_")
# The argument of `prepare` that leaves the stores alone.
ONLY_ADMIN = "--only-admin"
# Below DATA_DIR; made by `prepare` or by the local DynamoDB server.
PLACES = ("db.sqlite3", "dynamodb")


def is_prepared(data_dir: Path, environ: Mapping[str, str]) -> bool:
    """Whether the stores are as the last `prepare` left them, and the code and settings too.

    If not, no later start takes the stamp for one of what this start is about to change.
    """
    file = _file(data_dir)
    try:
        if file.read_text() == _stamp(data_dir, environ):
            return True
    except OSError:
        # Something is not there, or not yet.
        pass
    file.unlink(missing_ok=True)
    return False


def note_prepared(data_dir: Path, environ: Mapping[str, str]) -> None:
    """Leave the stamp; call it when everything is prepared.

    Raises:
        OSError: if it cannot be written.
    """
    try:
        stamp = _stamp(data_dir, environ)
    except FileNotFoundError:
        # The stores are elsewhere, and nobody knows what happens to them meanwhile.
        return
    part = _file(data_dir).with_suffix(".part")
    part.write_text(stamp)
    part.replace(_file(data_dir))


def _file(data_dir: Path) -> Path:
    return data_dir / "prepared"


def _stamp(data_dir: Path, environ: Mapping[str, str]) -> str:
    """Raises FileNotFoundError if a place is not there."""
    found = hashlib.sha256(repr(sys.version_info).encode())
    for name in sorted(environ):
        if name.startswith(SETTINGS):
            found.update(f"{name}={environ[name]}\0".encode())
    # Installing a package changes its folder; `pip install` may bring other migrations.
    for path in (Path(sysconfig.get_path("purelib")), *_code()):
        status = path.stat()
        found.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    for name in PLACES:
        status = (data_dir / name).stat()
        found.update(f"{name}\0{status.st_dev}\0{status.st_ino}\0".encode())
    return found.hexdigest()


def _code() -> Iterator[Path]:
    for name in CODE:
        path = ROOT / name
        if path.is_file():
            yield path
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(set(folders) - {"__pycache__"})
            yield from (Path(folder, file) for file in sorted(files))
