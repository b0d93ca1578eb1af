"""A submission as a zip file, written while it is downloaded."""

import time
import zipfile
from collections.abc import Generator

from operations.submissions import paths
from operations.submissions.index.records import File
from operations.submissions.submission import Submission

# The first and last years that a zip file can name.
FIRST_YEAR, LAST_YEAR = 1980, 2107


def zip_chunks(submission: Submission, top: str) -> Generator[bytes]:
    """The zip file in chunks, with all files below the folder `top`. It closes the submission.

    Links are left out, as some programs write through them when they unpack. In names, what is no
    UTF-8 is escaped, and backslashes, which some take for folders, are replaced.

    Raises:
        BrokenArchiveError: if the archive is damaged; what came before is no valid zip file.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    written = ChunkBuffer()
    names = UniqueNames()
    with submission, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for file in submission.stored_files():
            name = names.take(paths.shown(file.path).replace("\\", "_"))
            info = zipfile.ZipInfo(f"{top}/{name}", _time_of(file))
            info.external_attr = (0o100000 | file.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            info.file_size = file.size
            with archive.open(info, "w") as entry:
                for chunk in submission.chunks(file):
                    entry.write(chunk)
                    if part := written.take():
                        yield part
    if part := written.take():
        yield part


class UniqueNames:
    """Gives each file a name of its own, in a time that grows with the number of files only."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        # By name: the number of the next file that would have it too.
        self._numbers: dict[str, int] = {}

    def take(self, name: str) -> str:
        """The name itself, or with a number if another file has it."""
        unique = name
        number = self._numbers.get(name, 2)
        while unique in self._taken:
            unique = f"{name}~{number}"
            number += 1
        self._numbers[name] = number
        self._taken.add(unique)
        return unique


def _time_of(file: File) -> tuple[int, int, int, int, int, int]:
    moment = time.gmtime(file.mtime)
    if not FIRST_YEAR <= moment.tm_year <= LAST_YEAR:
        return FIRST_YEAR, 1, 1, 0, 0, 0
    return moment[:6]


class ChunkBuffer:
    """A file that cannot seek: keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
