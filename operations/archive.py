"""The candidate's files in the store: put there, and believed only when the store confirms."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage

CHUNK = 1 << 20


class NotStored(Exception):
    """The store does not hold what was put there; the text is a sentence for staff."""


@dataclass(frozen=True)
class Stored:
    key: str
    bytes: int
    sha256: str


def key_of(interview_id: str, operation_id: str) -> str:
    """Unique for every end of every interview, in plain ASCII whatever the candidate's name."""
    return f"archives/{interview_id}/{operation_id}.tar.gz"


def store(path: Path, key: str) -> Stored:
    """Put a file in the store, read it back, and compare. NotStored: it is not there as it was."""
    with path.open("rb") as file:
        size, digest = _measure(file)
    with path.open("rb") as file:
        saved = default_storage.save(key, File(file))
    with default_storage.open(saved, "rb") as file:
        found = _measure(file)
    if found != (size, digest):
        raise NotStored(
            f"The store holds {found[0]} bytes of the archive's {size}, or other ones; "
            "it will be saved again."
        )
    return Stored(saved, size, digest)


def _measure(file: "IO[bytes] | File[bytes]") -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := file.read(CHUNK):
        size += len(chunk)
        digest.update(chunk)
    return size, digest.hexdigest()
