"""The access points of an archive: the places in it at which unpacking can begin.

A point needs the 32 KB before it, its window. indexed_gzip exports and imports all of them as one
block; an index has them as rows, so that a file is read with the point before it alone. The format
of that block is zran_export_index in https://github.com/pauldmccarthy/indexed_gzip (zran.c).
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from struct import Struct
from struct import error as StructError
from typing import IO, Any

SCHEMA = """
-- The block without points. In an index of an earlier version it has all of them.
CREATE TABLE gzip_index (data BLOB NOT NULL);
-- By the place in the unpacked archive; the window is packed by zlib.
CREATE TABLE access_point (
    offset INTEGER PRIMARY KEY, packed_offset INTEGER NOT NULL, bits INTEGER NOT NULL, window BLOB
);
"""
# Name and version of the format, flags, bytes of the archive and of what it unpacks to, bytes
# between two points, bytes of a window, and the number of points.
_HEADER = Struct("=5sBBQQIII")
# The place in the unpacked archive follows the one in the packed archive. Whether there is a
# window comes last: the beginning of a gzip stream needs none.
_POINT = Struct("=QQBB")
_FORMAT, _VERSION = b"GZIDX", 1
_WINDOW_BYTES = 32 * 1024
# Most of the time goes into packing. A greater level saves a tenth.
_ZLIB_LEVEL = 1
# No archive has it. Between a point and it everything is read from the point.
_FAR_AWAY = 2**62

Rows = Callable[..., Iterator[Any]]


class BrokenPointError(Exception):
    """The access points that were stored are damaged."""


def write_access_points(database: sqlite3.Connection, exported: IO[bytes]) -> None:
    """Write what indexed_gzip exported to the tables of SCHEMA, a window at a time.

    Raises:
        BrokenPointError: if it has another format, as of another version of indexed_gzip.
    """
    *header, count = _header_of(exported.read(_HEADER.size))
    points = [_POINT.unpack(exported.read(_POINT.size)) for _ in range(count)]
    for packed_offset, offset, bits, has_window in points:
        window = zlib.compress(exported.read(_WINDOW_BYTES), _ZLIB_LEVEL) if has_window else None
        # The end of one stream and the beginning of the next are at one place.
        database.execute(
            "INSERT OR REPLACE INTO access_point VALUES (?, ?, ?, ?)",
            (offset, packed_offset, bits, window),
        )
    database.execute("INSERT INTO gzip_index VALUES (?)", (_HEADER.pack(*header, 0),))


class AccessPoints:
    """The access points of an index, for an indexed_gzip file that needs one at a time.

    `rows` asks the index, and raises what it raises. Each method raises BrokenPointError, too.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        # A damaged database may have other types in a column, and fewer rows.
        self._exported: bytes
        (self._exported,) = next(rows("SELECT CAST(data AS BLOB) FROM gzip_index"), (b"",))
        *self._header, count = _header_of(self._exported)
        # An earlier version stored them all in one block, and they are imported so.
        self._has_all = count > 0
        if len(self._exported) < _HEADER.size + count * _POINT.size:
            raise BrokenPointError("it is cut off")
        self._imported: int | None = None

    def import_for(self, position: int, file: Any) -> None:
        """Have `file`, an IndexedGzipFile, read from the last point before `position`.

        Raises:
            indexed_gzip.ZranError: if the points are of another archive.
        """
        if self._has_all:
            if self._imported is None:
                file.import_index(fileobj=BytesIO(self._exported))
                self._imported = 0
            return
        # A small archive has no points: it is read from its beginning.
        query = "SELECT coalesce(max(offset), -1) FROM access_point WHERE offset <= ?"
        (offset,) = next(self._rows(query, position))
        if offset != self._imported:
            exported = self._exported if offset < 0 else self._export(offset)
            file.import_index(fileobj=BytesIO(exported))
            self._imported = offset

    def _export(self, offset: int) -> bytes:
        """One point in the format of indexed_gzip, between the archive's beginning and its end."""
        query = (
            "SELECT packed_offset, bits, CAST(window AS BLOB) FROM access_point WHERE offset = ?"
        )
        packed_offset, bits, packed = next(self._rows(query, offset), (None, None, b""))
        window = b"" if packed is None else _unpacked(packed)
        points = [(packed_offset, offset, bits, bool(window)), (_FAR_AWAY, _FAR_AWAY, 0, 0)]
        if offset:
            points.insert(0, (0, 0, 0, 0))
        try:
            parts = [_HEADER.pack(*self._header, len(points))]
            parts += [_POINT.pack(*each) for each in points]
        except StructError as error:
            raise BrokenPointError(str(error)) from error
        return b"".join([*parts, window])


def _header_of(exported: bytes) -> tuple[Any, ...]:
    """Return the fields of _HEADER.

    Raises:
        BrokenPointError: if it is cut off, or of another format.
    """
    try:
        fields = _HEADER.unpack_from(exported)
    except StructError as error:
        raise BrokenPointError(str(error)) from error
    name, version, *_, window_bytes, _count = fields
    if (name, version, window_bytes) != (_FORMAT, _VERSION, _WINDOW_BYTES):
        raise BrokenPointError("it has another format")
    return fields


def _unpacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        window = unpacker.decompress(packed, _WINDOW_BYTES + 1)
    except zlib.error as error:
        raise BrokenPointError(str(error)) from error
    # zlib compares the checksum at the end.
    if len(window) != _WINDOW_BYTES or not unpacker.eof:
        raise BrokenPointError("a window has another length")
    return window
