"""Zip archives byte by byte, with the traits of the tools that make them."""

import io
import struct
import zlib
from dataclasses import dataclass

FAT, UNIX = 0, 3
UTF_8_FLAG = 0x800


@dataclass(frozen=True)
class Entry:
    """An entry of an archive. `system` is the upper byte of "version made by"."""

    name: bytes
    content: bytes = b"x"
    flags: int = 0
    system: int = FAT
    extra: bytes = b""
    mode: int = 0


def raw_zip(*entries: Entry) -> io.BytesIO:
    """An archive of uncompressed entries, by sections 4.3.7, 4.3.12 and 4.3.16 of APPNOTE."""
    body, directory = b"", b""
    for entry in entries:
        size, sums = len(entry.content), zlib.crc32(entry.content)
        # From "general purpose bit flag" to "extra field length"; the date is 1980-01-01.
        shared = struct.pack(
            "<HHHHLLLHH", entry.flags, 0, 0, 33, sums, size, size, len(entry.name), len(entry.extra)
        )
        directory += (
            b"PK\x01\x02"
            + struct.pack("<BBH", 20, entry.system, 20)
            + shared
            + struct.pack("<HHHLL", 0, 0, 0, entry.mode << 16, len(body))
            + entry.name
            + entry.extra
        )
        body += b"PK\x03\x04" + struct.pack("<H", 20) + shared + entry.name + entry.extra
        body += entry.content
    end = struct.pack("<HHHHLLH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return io.BytesIO(body + directory + b"PK\x05\x06" + end)


def explorer(encoding: str, *names: str) -> io.BytesIO:
    """A zip as Windows Explorer makes it: names in the DOS code page of the machine, no flag."""
    return raw_zip(*(Entry(name.encode(encoding), name.encode()) for name in names))


def unicode_path(name: str, stored: bytes) -> bytes:
    """The Unicode Path field of Info-ZIP and 7-Zip for an entry that is stored as `stored`."""
    field = struct.pack("<BL", 1, zlib.crc32(stored)) + name.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field
