"""The indexes that this process read last from an object store, by their content.

Every page of a submission reads its index, and an object store would send all of it each time. An
index never changes at its place, and what the store says of its content (the ETag) is asked on
every read: one that is gone is not served from here.
"""

import threading
from collections import OrderedDict
from contextlib import closing

from django.core.files.storage import default_storage

# Of all indexes together. One of 20,000 files has about 3.5 MB.
MAX_BYTES = 64 * 1024 * 1024


class IndexCache:
    """Up to `max_bytes` of the stored files that were read last. Threads share it."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        # By key and ETag, the one that was read last at the end.
        self._contents: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def read(self, key: str) -> bytes:
        """Return the whole content of a stored file.

        Raises:
            FileNotFoundError: if it is not stored.
            OSError: if the storage fails; a storage backend may raise its own errors too.
        """
        with closing(default_storage.open(key, "rb")) as file:
            # The S3 backend has asked for it already, to see whether there is such a file.
            etag = getattr(getattr(file, "obj", None), "e_tag", None)
            content = self._get(key, etag) if etag else None
            if content is None:
                content = file.read()
                if etag:
                    self._put(key, etag, content)
        return content

    def clear(self) -> None:
        with self._lock:
            self._contents.clear()
            self._bytes = 0

    def _get(self, key: str, etag: str) -> bytes | None:
        with self._lock:
            content = self._contents.get((key, etag))
            if content is not None:
                self._contents.move_to_end((key, etag))
            return content

    def _put(self, key: str, etag: str, content: bytes) -> None:
        if len(content) > self._max_bytes:
            return
        with self._lock:
            self._bytes -= len(self._contents.pop((key, etag), b""))
            self._contents[key, etag] = content
            self._bytes += len(content)
            while self._bytes > self._max_bytes:
                _, oldest = self._contents.popitem(last=False)
                self._bytes -= len(oldest)


# That of this process.
indexes = IndexCache()
