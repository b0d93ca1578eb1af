"""Files to and from a container: the engine takes and gives them as tar archives."""

import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from docker.models.containers import Container

from operations.provisioners.base import ProvisionError

IN_MEMORY = 4 * 1024 * 1024  # bytes; more goes by way of a file
CHUNK = 256 * 1024
MAX_CONTENT = 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """A file, folder or link that is to be put into a container."""

    info: tarfile.TarInfo
    content: bytes = b""


def folder(name: str, owner: tuple[int, int] = (0, 0), mode: int = 0o700) -> Entry:
    info = tarfile.TarInfo(name)
    info.type, info.mode, (info.uid, info.gid) = tarfile.DIRTYPE, mode, owner
    info.mtime = int(time.time())
    return Entry(info)


def file(name: str, content: bytes, owner: tuple[int, int] = (0, 0), mode: int = 0o600) -> Entry:
    info = tarfile.TarInfo(name)
    info.size, info.mode, (info.uid, info.gid) = len(content), mode, owner
    info.mtime = int(time.time())
    return Entry(info, content)


def put(container: Container, path: str, entries: Iterable[Entry]) -> None:
    """Put them below the folder `path`, which is there. Raises APIError."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for entry in entries:
                archive.addfile(entry.info, BytesIO(entry.content))
        send(container, path, spool)


def put_folder(
    container: Container, path: str, here: Path, top: str, owner: tuple[int, int]
) -> None:
    """Put a folder of this machine below `path`, as `top`. What lies there is made readable for its
    owner, and put with the rights that it had. Raises APIError and OSError."""

    def owned(info: tarfile.TarInfo) -> tarfile.TarInfo:
        if info.isreg() or info.isdir():
            name = here / PurePosixPath(info.name).relative_to(top)
            name.chmod(info.mode | (0o400 if info.isreg() else 0o500))
        info.uid, info.gid = owner
        info.uname = info.gname = ""
        return info

    with tempfile.TemporaryFile() as spool:
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archive.add(here, arcname=top, filter=owned)
        send(container, path, spool)


def send(container: Container, path: str, spool: IO[bytes]) -> None:
    spool.seek(0)
    chunks = iter(lambda: spool.read(CHUNK), b"")
    if not container.put_archive(path, chunks):
        raise ProvisionError("start", "The engine did not take the files.")


def content(container: Container, path: str) -> bytes:
    """What one small file holds; raises APIError, NotFound among them."""
    chunks, _ = container.get_archive(path)
    stream = Stream(chunks)
    with reading(stream) as archive:
        entry = archive.next()
        found = archive.extractfile(entry) if entry is not None and entry.isreg() else None
        read = found.read(MAX_CONTENT) if found is not None else b""
    stream.finish()
    return read


def reading(stream: "Stream") -> tarfile.TarFile:
    """The archive in a stream, of which nothing is kept."""
    return tarfile.open(fileobj=stream, mode="r|")  # type: ignore[call-overload,no-any-return]


class Stream:
    """Reads from chunks, and remembers how they ended: an archive that is whole ends with zeros."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""
        self._tail = b""

    def read(self, size: int) -> bytes:
        parts, missing = [], size
        while missing > 0:
            if not self._rest:
                self._rest = next(filter(None, self._chunks), b"")
                if not self._rest:
                    break
                self._tail = (self._tail + self._rest)[-2 * tarfile.BLOCKSIZE :]
            part, self._rest = self._rest[:missing], self._rest[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def drain(self) -> None:
        """Read to the end, so that the connection can be used again."""
        while self.read(CHUNK):
            pass

    def finish(self) -> None:
        """Read to the end. Raises tarfile.ReadError where the archive has none."""
        self.drain()
        if self._tail != bytes(2 * tarfile.BLOCKSIZE):
            raise tarfile.ReadError("the archive has no end")
