"""Pack a candidate's files from a container, running or not, out of the engine's tar stream."""

import stat
import tarfile
from pathlib import Path, PurePosixPath

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from operations.provisioners.archive_writer import (
    EXCLUDED_FOLDERS,
    MAX_UNPACKED_BYTES,
    MEGABYTE,
    ArchiveFullError,
    ArchiveSizes,
    ArchiveTooLargeError,
    ArchiveWriter,
    open_archive,
)
from operations.provisioners.docker.files import tar_stream

# Go's os.ModeDir bit: the engine reports file modes in Go's format.
GO_MODE_DIR = 1 << 31
# The most hard links to files in excluded folders: each one needs a request of its own.
MAX_SEPARATE_FILES = 1000
# The engine also streams excluded folders, and the holes of sparse files as zeros. Reading more
# than this limit, with an allowance for each entry, would occupy a worker for hours.
MAX_STREAM_BYTES = 64 * 1024 * MEGABYTE
STREAM_BYTES_PER_ENTRY = 16 * 1024
# The names of all saved files are kept in memory: this limits them, with an allowance for each.
MAX_NAME_BYTES = 64 * MEGABYTE
NAME_BYTES_PER_ENTRY = 100


def pack_container(container: Container, folder: str, path: Path, top: str) -> list[str]:
    """Write the container's `folder` to an archive at `path`, like `local.archive.pack_folder`.

    Returns the sorted names of the files that could not be saved.

    Raises:
        ArchiveTooLargeError: if the files do not fit into an archive.
        FileNotFoundError: if `folder` does not exist.
        NotADirectoryError: if `folder` is a link or a file.
        tarfile.TarError: if the stream was cut off.
        OSError: if `path` cannot be written.
        DockerException: if the engine fails.
    """
    try:
        chunks, status = container.get_archive(folder)
    except NotFound:
        raise FileNotFoundError(2, "its files' folder is not there any more", folder) from None
    if not int((status or {}).get("mode", 0)) & GO_MODE_DIR:
        tar_stream.TarStream(chunks).drain()
        # Following a link would pack files that are not the candidate's.
        raise NotADirectoryError(20, "its files' folder is a link or a file", folder)
    packer = _Packer(container, folder)
    try:
        with open_archive(path, top) as archive:
            packer.pack_all(archive, tar_stream.TarStream(chunks))
            if packer.is_full:
                raise ArchiveFullError
            return sorted(archive.skipped)
    except ArchiveFullError:
        raise packer.sizes.too_large_error() from None


class _Packer:
    def __init__(self, container: Container, folder: str) -> None:
        self.sizes = ArchiveSizes()
        self.is_full = False
        self._streamed_bytes = 0
        self._name_bytes = 0
        self._container = container
        self._folder = folder
        self._written: set[str] = set()
        self._links_to_excluded: list[str] = []

    def pack_all(self, archive: ArchiveWriter, stream: tar_stream.TarStream) -> None:
        with tar_stream.open_tar(stream) as tar:
            while (entry := tar.next()) is not None:
                name = _relative_name(entry.name)
                self._count_streamed(name, entry)
                if name and not _is_excluded(name, is_folder=entry.isdir()):
                    self._pack(archive, tar, entry, name)
                # tarfile would otherwise keep every entry in memory.
                tar.members = []  # type: ignore[attr-defined]
        stream.finish()
        for name in self._links_to_excluded[:MAX_SEPARATE_FILES]:
            self._pack_separately(archive, name)
        archive.skipped += self._links_to_excluded[MAX_SEPARATE_FILES:]

    def _count_streamed(self, name: str, entry: tarfile.TarInfo) -> None:
        """Count an entry before its content is read.

        Raises:
            ArchiveFullError: if the stream is too long. Reading stops, so `sizes` is incomplete.
        """
        self._streamed_bytes += entry.size + STREAM_BYTES_PER_ENTRY
        if self._streamed_bytes > MAX_STREAM_BYTES:
            self.sizes.add(name, entry.size)
            raise ArchiveFullError

    def _pack(
        self, archive: ArchiveWriter, tar: tarfile.TarFile, entry: tarfile.TarInfo, name: str
    ) -> None:
        self._name_bytes += len(name) + NAME_BYTES_PER_ENTRY
        if self._name_bytes > MAX_NAME_BYTES:
            raise ArchiveTooLargeError(
                "There are too many files, or names that are too long, to be saved"
            )
        self.sizes.add(name, entry.size if entry.isreg() else 0)
        if self.sizes.total > MAX_UNPACKED_BYTES:
            self.is_full = True
        if self.is_full:
            return  # only the sizes still matter, for the error message
        mode, mtime = stat.S_IMODE(entry.mode), entry.mtime
        try:
            if entry.isdir() or entry.issym():
                archive.add(name, entry.type, mode, mtime, link_target=entry.linkname)
            elif entry.isreg():
                content = tar.extractfile(entry)
                archive.add(name, tarfile.REGTYPE, mode, mtime, size=entry.size, content=content)
                self._written.add(name)
            elif entry.islnk():
                target = _relative_name(entry.linkname)
                if target in self._written:
                    archive.add(name, tarfile.LNKTYPE, mode, mtime, link_target=target)
                else:
                    self._links_to_excluded.append(name)
        except ArchiveFullError:
            self.is_full = True

    def _pack_separately(self, archive: ArchiveWriter, name: str) -> None:
        """Pack a hard link to an excluded file with a request of its own, or list it as skipped."""
        try:
            chunks, _ = self._container.get_archive(f"{self._folder}/{name}")
        except (APIError, UnicodeError):
            archive.skipped.append(name)
            return
        stream = tar_stream.TarStream(chunks)
        with tar_stream.open_tar(stream) as tar:
            entry = tar.next()
            if entry is not None and entry.isreg():
                self._pack(archive, tar, entry, name)
        stream.finish()


def _relative_name(name: str) -> str:
    """Remove the folder's own name, below which the engine puts all entries."""
    return name.rstrip("/").partition("/")[2]


def _is_excluded(name: str, *, is_folder: bool) -> bool:
    parts = PurePosixPath(name).parts
    folders = parts if is_folder else parts[:-1]
    return any(part in EXCLUDED_FOLDERS for part in folders)
