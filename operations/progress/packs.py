"""Packs: the new contents of one look in one file of the store, each compressed by itself.

One object for each look, however many files it has: a store in a network takes as long for a small
object as for a large one.
"""

import hashlib
import io
import tempfile
import zlib
from contextlib import closing
from typing import Self

from django.core.files import File
from django.core.files.storage import default_storage

from operations.progress.lines import count_lines
from operations.progress.manifest import KeptContent
from operations.submissions.stored_file import open_stored

MEGABYTE = 1024 * 1024
MAX_MEMORY_BYTES = 8 * MEGABYTE


class BrokenPackError(Exception):
    """A pack is missing, or has another content than when it was written."""


class PackWriter:
    """Collects contents for the pack `key`; `store` writes it if there are any."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.size = 0
        self._file = tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES)  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, content: bytes) -> KeptContent:
        packed = zlib.compress(content, 1)
        kept = KeptContent(self.key, self.size, len(packed), len(content), count_lines(content))
        self._file.write(packed)
        self.size += len(packed)
        return kept

    def read(self, kept: KeptContent) -> bytes:
        """Read a content that was added."""
        self._file.seek(kept.offset)
        packed = self._file.read(kept.packed)
        self._file.seek(0, io.SEEK_END)
        return zlib.decompress(packed)

    def store(self) -> None:
        """Write the pack.

        Raises:
            OSError: if the storage fails; a storage backend may raise its own errors too.
        """
        if self.size:
            self._file.seek(0)
            default_storage.save(self.key, File(self._file, name=self.key))


def read_content(kept: KeptContent, sha256: str) -> bytes:
    """Read one content, without the rest of its pack.

    Raises:
        BrokenPackError: if it is missing or damaged.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    try:
        with closing(open_stored(kept.pack)) as file:
            file.seek(kept.offset)
            packed = file.read(kept.packed)
    except FileNotFoundError:
        raise BrokenPackError(kept.pack) from None
    try:
        content = zlib.decompressobj().decompress(packed, kept.size + 1)
    except zlib.error as error:
        raise BrokenPackError(kept.pack) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BrokenPackError(kept.pack)
    return content
