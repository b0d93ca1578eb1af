"""Read a part of a stored file, without the rest of it."""

import io
from typing import IO, Any, cast

from django.core.files.storage import default_storage

# One request to an object store. What follows is usually asked for next.
READ_AHEAD_BYTES = 256 * 1024


def open_stored(key: str, read_ahead: int = READ_AHEAD_BYTES) -> IO[bytes]:
    """Open a stored file for reading at any place. Of an object store only what is read is fetched,
    with `read_ahead` bytes by each request.

    Raises:
        FileNotFoundError: if it is not stored.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    file = default_storage.open(key, "rb")
    # The S3 backend would download all of it at the first read.
    stored_object = getattr(file, "obj", None)
    if stored_object is None:
        return cast("IO[bytes]", file)
    return io.BufferedReader(_ObjectReader(stored_object), read_ahead)


class _ObjectReader(io.RawIOBase):
    """An object of an S3-compatible store, read by ranges."""

    def __init__(self, stored_object: Any) -> None:
        self._object = stored_object
        self._size = int(stored_object.content_length)
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        end = min(self._position + len(buffer), self._size)
        if end <= self._position:
            return 0
        part = self._object.get(Range=f"bytes={self._position}-{end - 1}")["Body"].read()
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)
