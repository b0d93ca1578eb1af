"""Pack a candidate's files from a container, running or not, out of the engine's tar stream."""

import stat
import tarfile
from collections.abc import Collection
from pathlib import Path

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from operations.provisioners.archive_writer import (
    MAX_UNPACKED_BYTES,
    MEGABYTE,
    ArchiveFullError,
    ArchiveSizes,
    ArchiveTooLargeError,
    ArchiveWriter,
    open_archive,
)
from operations.provisioners.base import NotSaved, NotSavedReason
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.regenerable import EVIDENCE_NAMES, RegenerableFolders

# Go's os.ModeDir bit: the engine reports file modes in Go's format.
GO_MODE_DIR = 1 << 31
# These come after the folders of which they are evidence, in a stream that is sorted by name.
LIKELY_EVIDENCE = frozenset({"package.json", "pyvenv.cfg"})
# The engine leaves out paths that exceed PATH_MAX (4096 bytes), without a word. A folder whose path
# is longer than this may hold one, with an allowance for the name and for the engine's own folder.
MAX_SURE_PATH_BYTES = 3500
# The most hard links to files in excluded folders: each one needs a request of its own.
MAX_SEPARATE_FILES = 1000
# The engine also streams excluded folders, and the holes of sparse files as zeros. Reading more
# than this limit, with an allowance for each entry, would occupy a worker for hours.
MAX_STREAM_BYTES = 64 * 1024 * MEGABYTE
STREAM_BYTES_PER_ENTRY = 16 * 1024
# The names of all saved files and left-out folders are kept in memory: this limits them, with an
# allowance for each.
MAX_NAME_BYTES = 64 * MEGABYTE
NAME_BYTES_PER_ENTRY = 100


def pack_container(
    container: Container, folder: str, path: Path, top: str, starting_paths: Collection[str] = ()
) -> list[NotSaved]:
    """Write the container's `folder` to an archive at `path`, like `local.archive.pack_folder`.

    Returns what is not saved. A folder is listed as unreadable if it is so deep that the engine may
    have left out some of its content.

    Nothing may write to the folder meanwhile. It is read again if a folder was packed or left out
    on a wrong assumption about files that the stream had not shown yet.

    Raises:
        ArchiveTooLargeError: if the files do not fit into an archive.
        FileNotFoundError: if `folder` does not exist.
        NotADirectoryError: if `folder` is a link or a file.
        tarfile.TarError: if the stream was cut off.
        OSError: if `path` cannot be written.
        DockerException: if the engine fails.
    """
    evidence = _Evidence()
    while True:
        packer = _Packer(container, folder, RegenerableFolders(starting_paths, evidence.is_file))
        try:
            with open_archive(path, top) as archive:
                packer.pack_all(archive, _open_stream(container, folder), evidence)
                if packer.is_full:
                    raise ArchiveFullError
        except ArchiveFullError:
            if evidence.complete():
                raise packer.sizes.too_large_error() from None
        else:
            if evidence.complete():
                return archive.not_saved


def _open_stream(container: Container, folder: str) -> tar_stream.TarStream:
    """Open the stream of the container's folder; raises as `pack_container` does."""
    try:
        chunks, status = container.get_archive(folder)
    except NotFound:
        raise FileNotFoundError(2, "its files' folder is gone", folder) from None
    if not int((status or {}).get("mode", 0)) & GO_MODE_DIR:
        tar_stream.TarStream(chunks).drain()
        # Following a link would pack files that are not the candidate's.
        raise NotADirectoryError(20, "its files' folder is a link or a file", folder)
    return tar_stream.TarStream(chunks)


class _Evidence:
    """Which files a stream has, for decisions that are needed before it has shown them all.

    The engine answers no other question about a container while it streams the container's files.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._assumed: dict[str, bool] = {}
        self._is_complete = False

    def is_file(self, name: str) -> bool:
        """Return whether there is such a file: known after a whole stream, and else assumed."""
        if name in self._seen or self._is_complete:
            return name in self._seen
        self._assumed[name] = name.rpartition("/")[2] in LIKELY_EVIDENCE
        return self._assumed[name]

    def add(self, name: str, *, is_left_out: bool) -> None:
        """Note a file of the stream; one in a left-out folder only counts if it was asked for."""
        if name in self._assumed or (not is_left_out and name.rpartition("/")[2] in EVIDENCE_NAMES):
            self._seen.add(name)

    def complete(self) -> bool:
        """End a whole stream; return whether everything that was assumed was right."""
        self._is_complete = True
        assumed, self._assumed = self._assumed, {}
        return all((name in self._seen) == answer for name, answer in assumed.items())


class _Packer:
    def __init__(self, container: Container, folder: str, regenerable: RegenerableFolders) -> None:
        self.sizes = ArchiveSizes()
        self.is_full = False
        self._streamed_bytes = 0
        self._name_bytes = 0
        self._container = container
        self._folder = folder
        self._written: set[str] = set()
        self._links_to_excluded: list[str] = []
        self._regenerable = regenerable
        # The number of files and their bytes, by left-out folder.
        self._left_out: dict[str, tuple[int, int]] = {}
        self._deep_folders: list[str] = []

    def pack_all(
        self, archive: ArchiveWriter, stream: tar_stream.TarStream, evidence: _Evidence
    ) -> None:
        with tar_stream.open_tar(stream) as tar:
            while (entry := tar.next()) is not None:
                name = _relative_name(entry.name)
                self._count_streamed(name, entry)
                is_left_out = self._leave_out(entry, name)
                if entry.isreg() or entry.islnk():
                    evidence.add(name, is_left_out=is_left_out)
                if name and not is_left_out:
                    self._note_depth(entry, name)
                    self._pack(archive, tar, entry, name)
                # tarfile would otherwise keep every entry in memory.
                tar.members = []  # type: ignore[attr-defined]
        stream.finish()
        for name in self._links_to_excluded[:MAX_SEPARATE_FILES]:
            self._pack_separately(archive, name)
        for name in self._links_to_excluded[MAX_SEPARATE_FILES:] + self._deep_folders:
            archive.not_saved.append(NotSaved(name, NotSavedReason.UNREADABLE))
        for name, (files, size) in self._left_out.items():
            archive.not_saved.append(NotSaved(name, NotSavedReason.REGENERABLE, files, size))

    def _leave_out(self, entry: tarfile.TarInfo, name: str) -> bool:
        """Count the entry and return True if it is, or is in, a regenerable folder.

        Raises:
            ArchiveTooLargeError: if the list of these folders grows too large.
        """
        folder = self._regenerable.outermost(name, is_folder=entry.isdir())
        if folder is None:
            return False
        if folder not in self._left_out:
            self._count_name(folder)
        files, size = self._left_out.get(folder, (0, 0))
        self._left_out[folder] = (files + (not entry.isdir()), size + entry.size)
        return True

    def _note_depth(self, entry: tarfile.TarInfo, name: str) -> None:
        if entry.isdir() and self._is_deep(name) and not self._is_deep(name.rpartition("/")[0]):
            self._deep_folders.append(name)

    def _is_deep(self, name: str) -> bool:
        path = f"{self._folder}/{name}"
        return len(path.encode(errors="surrogateescape")) > MAX_SURE_PATH_BYTES

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
        self._count_name(name)
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

    def _count_name(self, name: str) -> None:
        self._name_bytes += len(name) + NAME_BYTES_PER_ENTRY
        if self._name_bytes > MAX_NAME_BYTES:
            raise ArchiveTooLargeError(
                "There are too many files, or their names are too long, to be saved"
            )

    def _pack_separately(self, archive: ArchiveWriter, name: str) -> None:
        """Pack a hard link to an excluded file with a request of its own, or list it as skipped."""
        try:
            chunks, _ = self._container.get_archive(f"{self._folder}/{name}")
        except (APIError, UnicodeError):
            archive.not_saved.append(NotSaved(name, NotSavedReason.UNREADABLE))
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
