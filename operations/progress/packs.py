"""Packs: the new contents of one look in one file of the store, each compressed by itself.

One object for each look, however many files it has: a store in a network takes as long for a small
object as for a large one.
"""

import hashlib
import io
import tempfile
import zlib
from typing import IO, Self

from django.core.files import File
from django.core.files.storage import default_storage

from operations.progress.lines import count_lines
from operations.progress.manifest import KeptContent
from operations.submissions.stored_file import READ_AHEAD_BYTES, open_stored

MEGABYTE = 1024 * 1024
MAX_OPEN_PACKS = 8
# Of readers that want most of what there is.
MUCH_READ_AHEAD = 8 * MEGABYTE
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


class PackReader:
    """Reads contents of packs, the last of which stay open: of many files each is opened once.

    Of an object store `read_ahead` bytes come with each request, so that contents in the order of
    their packs cost few of them.
    """

    def __init__(self, read_ahead: int = READ_AHEAD_BYTES) -> None:
        self._read_ahead = read_ahead
        self._open: dict[str, IO[bytes]] = {}
        self._missing: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._close(next(iter(self._open)))

    def read(self, kept: KeptContent, sha256: str) -> bytes:
        """Read one content.

        Raises:
            BrokenPackError: if it is missing or damaged.
            OSError: if the storage fails; a storage backend may raise its own errors too.
        """
        if kept.pack in self._missing:
            raise BrokenPackError(kept.pack)
        try:
            file = self._opened(kept.pack)
            file.seek(kept.offset)
            packed = file.read(kept.packed)
        except FileNotFoundError:
            self._missing.add(kept.pack)
            raise BrokenPackError(kept.pack) from None
        except BaseException:
            # Where it stands is not known.
            self._close(kept.pack)
            raise
        return _unpacked(packed, kept, sha256)

    def _opened(self, pack: str) -> IO[bytes]:
        file = self._open.pop(pack, None)
        if file is None:
            if len(self._open) >= MAX_OPEN_PACKS:
                self._close(next(iter(self._open)))
            file = open_stored(pack, self._read_ahead)
        # The one that was used last is the last one.
        self._open[pack] = file
        return file

    def _close(self, pack: str) -> None:
        file = self._open.pop(pack, None)
        if file is not None:
            file.close()


def read_content(kept: KeptContent, sha256: str) -> bytes:
    """Read one content alone; raises as `PackReader.read` does."""
    with PackReader() as packs:
        return packs.read(kept, sha256)


def _unpacked(packed: bytes, kept: KeptContent, sha256: str) -> bytes:
    try:
        content = zlib.decompressobj().decompress(packed, kept.size + 1)
    except zlib.error as error:
        raise BrokenPackError(kept.pack) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BrokenPackError(kept.pack)
    return content
