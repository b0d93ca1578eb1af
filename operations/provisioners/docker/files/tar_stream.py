"""Files to and from a container, which the engine transfers as tar archives."""

import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from docker.models.containers import Container

from operations.provisioners.base import ProvisionError

# Larger archives go through a temporary file.
MAX_MEMORY_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
MAX_FILE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class TarEntry:
    """A file or folder to put into a container."""

    info: tarfile.TarInfo
    content: bytes = b""


def folder_entry(name: str, owner: tuple[int, int] = (0, 0), mode: int = 0o700) -> TarEntry:
    info = tarfile.TarInfo(name)
    info.type, info.mode, (info.uid, info.gid) = tarfile.DIRTYPE, mode, owner
    info.mtime = int(time.time())
    return TarEntry(info)


def file_entry(
    name: str, content: bytes, owner: tuple[int, int] = (0, 0), mode: int = 0o600
) -> TarEntry:
    info = tarfile.TarInfo(name)
    info.size, info.mode, (info.uid, info.gid) = len(content), mode, owner
    info.mtime = int(time.time())
    return TarEntry(info, content)


def put_entries(container: Container, path: str, entries: Iterable[TarEntry]) -> None:
    """Put the entries below the container's existing folder `path`.

    Raises:
        APIError: if the engine refuses.
    """
    with tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES) as spool:
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for entry in entries:
                archive.addfile(entry.info, BytesIO(entry.content))
        _send(container, path, spool)


def put_local_folder(
    container: Container, path_in_container: str, source: Path, name: str, owner: tuple[int, int]
) -> None:
    """Put the folder `source` of this machine below `path_in_container`, as `name`.

    Packing makes the source readable for its owner, but the archive keeps the original modes.

    Raises:
        APIError: if the engine refuses.
        OSError: if the source cannot be read.
    """

    with tempfile.TemporaryFile() as spool:
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as archive:
            add_local_folder(archive, source, name, owner)
        _send(container, path_in_container, spool)


def add_local_folder(
    archive: tarfile.TarFile, source: Path, name: str, owner: tuple[int, int] = (0, 0)
) -> None:
    """Add the folder `source` of this machine to the archive, as `name`.

    Packing makes the source readable for its owner, but the archive keeps the original modes.

    Raises:
        OSError: if the source cannot be read.
    """
    for path, info in _walk(archive, source, name):
        info.uid, info.gid = owner
        info.uname = info.gname = ""
        with path.open("rb") if info.isreg() else nullcontext() as file:
            archive.addfile(info, file)


def _walk(
    archive: tarfile.TarFile, source: Path, name: str
) -> Iterator[tuple[Path, tarfile.TarInfo]]:
    """The folder and all that is in it, each folder before its content.

    Without recursion, as `TarFile.add` has it: candidates decide how deep their folders are.
    """
    waiting = [(source, name)]
    while waiting:
        path, path_in_archive = waiting.pop()
        info = archive.gettarinfo(path, path_in_archive)
        if info is None:  # a socket
            continue
        if info.isreg() or info.isdir():
            path.chmod(info.mode | (0o400 if info.isreg() else 0o500))
        yield path, info
        if info.isdir():
            children = sorted(path.iterdir(), reverse=True)
            waiting += [(child, f"{path_in_archive}/{child.name}") for child in children]


def _send(container: Container, path: str, spool: IO[bytes]) -> None:
    spool.seek(0)
    chunks = iter(lambda: spool.read(CHUNK_BYTES), b"")
    if not container.put_archive(path, chunks):
        raise ProvisionError("start", "The engine didn't accept the files.")


def read_file(container: Container, path: str) -> bytes:
    """Return the first MAX_FILE_BYTES of a file; empty if it is not a regular file.

    Raises:
        NotFound: if there is no such file.
        APIError: if the engine refuses.
        tarfile.TarError: if the stream was cut off.
    """
    chunks, _ = container.get_archive(path)
    stream = TarStream(chunks)
    with open_tar(stream) as archive:
        entry = archive.next()
        file = archive.extractfile(entry) if entry is not None and entry.isreg() else None
        content = file.read(MAX_FILE_BYTES) if file is not None else b""
        # A candidate may put a file with terabytes of holes there, which all come as zeros.
        is_whole = entry is None or entry.size <= MAX_FILE_BYTES
    if is_whole:
        stream.finish()
    chunks.close()  # type: ignore[attr-defined]
    return content


def open_tar(stream: "TarStream") -> tarfile.TarFile:
    """Open the archive in a stream, which can be read only once."""
    return tarfile.open(fileobj=stream, mode="r|")  # type: ignore[call-overload,no-any-return]


class TarStream:
    """A readable stream of chunks that keeps its last bytes: a complete archive ends with zeros."""

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
        while self.read(CHUNK_BYTES):
            pass

    def finish(self) -> None:
        """Read to the end.

        Raises:
            tarfile.ReadError: if the archive is incomplete.
        """
        self.drain()
        if self._tail != bytes(2 * tarfile.BLOCKSIZE):
            raise tarfile.ReadError("the archive has no end")
