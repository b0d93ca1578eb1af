"""Read a tar archive of unknown origin with limits: tarfile itself believes every size it reads."""

import io
import os
import tarfile

from operations.provisioners.archive_writer import (
    MAX_UNPACKED_BYTES,
    MEGABYTE,
    ArchiveTooLargeError,
)

CHUNK_BYTES = MEGABYTE
# The most that tarfile reads at once for a header, such as a long name.
MAX_HEADER_BYTES = MEGABYTE


class BoundedStream:
    """An unpacked stream that can seek, with limits for a single read and for the total size."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self.tell = stream.tell

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if offset > 2 * MAX_UNPACKED_BYTES:
            raise ArchiveTooLargeError(
                f"The saved files are more than {MAX_UNPACKED_BYTES // MEGABYTE} MB"
            )
        return self._stream.seek(offset, whence)

    def drain(self) -> None:
        """Read to the end; `seek` enforces the limit here as well."""
        while self.read(CHUNK_BYTES):
            self.seek(self.tell())

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= max(MAX_HEADER_BYTES, CHUNK_BYTES):
            raise tarfile.ReadError("one of its entries has no end")
        return self._stream.read(size)
