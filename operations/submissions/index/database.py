"""Open a stored index."""

import sqlite3
from pathlib import Path

from django.core.files.storage import default_storage

from operations.submissions.index_cache import indexes


class BrokenIndexError(Exception):
    """The stored index is cut off or damaged: it has to be made again."""


def open_database(key: str) -> sqlite3.Connection:
    """Open a stored database for reading: in its place if it is a local file, or else in memory."""
    try:
        path = Path(default_storage.path(key))
    except NotImplementedError:
        data = indexes.read(key)
        _require_whole(data[:100], len(data))
        database = sqlite3.connect(":memory:", check_same_thread=False)
        database.deserialize(data)
        return database
    with path.open("rb") as file:
        _require_whole(file.read(100), path.stat().st_size)
    # No file is written beside it, and no lock is taken: it never changes.
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def _require_whole(header: bytes, size: int) -> None:
    """Check an SQLite file against its header: a process may have died while it wrote the file.

    The header is https://www.sqlite.org/fileformat.html#the_database_header.

    Raises:
        BrokenIndexError: if it has another size.
    """
    page_bytes = int.from_bytes(header[16:18]) or 1
    pages = int.from_bytes(header[28:32])
    if len(header) < 100 or not size or size != (65536 if page_bytes == 1 else page_bytes) * pages:
        raise BrokenIndexError("it is cut off")
