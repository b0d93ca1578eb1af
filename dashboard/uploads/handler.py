"""Where the files of a request are kept while it is read: in one file on disk, up to a limit.

Django would open a file for each, and two thousand are more than a process may have open. What is
beyond the limit is counted and not kept (`cut`), so that the rest of the form is still read.
"""

import io
import tempfile
from typing import IO, TYPE_CHECKING, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from interviews.challenges.storage import MAX_CHALLENGE_BYTES, MEGABYTE

if TYPE_CHECKING:
    Sent = UploadedFile[bytes]
else:
    Sent = UploadedFile

# Of all files of a request: an archive may be a little larger than what is in it.
MAX_UPLOAD = MAX_CHALLENGE_BYTES + 10 * MEGABYTE


class BoundedUpload(FileUploadHandler):
    """Takes every file of every request; named by FILE_UPLOAD_HANDLERS."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not hasattr(self, "file"):
            # Django closes it where the request turns out not to be readable.
            self.file: Any = tempfile.TemporaryFile()  # noqa: SIM115
            self.open_parts: set[_Part] = set()
            self.end = 0
        self.start = self.end

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        kept = raw_data[: MAX_UPLOAD - self.end]
        self.file.seek(self.end)
        self.file.write(kept)
        self.end += len(kept)
        return None

    def file_complete(self, file_size: int) -> "KeptFile":
        part = _Part(self.file, self.start, self.end, self.open_parts)
        return KeptFile(
            cast("IO[Any]", part),
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )

    def upload_complete(self) -> None:
        """A request that broke off has begun a file and completed none."""
        if hasattr(self, "file") and not self.open_parts:
            self.file.close()


class KeptFile(Sent):
    """One file of a request. `size` is what was sent, also where less of it was kept."""

    @property
    def cut(self) -> bool:
        part = self.file
        return isinstance(part, _Part) and len(part) < (self.size or 0)


class _Part(io.RawIOBase):
    """A part of the one file. The last of them that is closed closes it."""

    def __init__(self, file: IO[bytes], start: int, end: int, still_open: "set[_Part]") -> None:
        self._file = file
        self._start = start
        self._end = end
        self._place = 0
        self._still_open = still_open
        still_open.add(self)

    def __len__(self) -> int:
        return self._end - self._start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: len(self)}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._start + self._place)
        content = self._file.read(max(0, min(len(buffer), len(self) - self._place)))
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)

    def close(self) -> None:
        self._still_open.discard(self)
        if not self._still_open:
            self._file.close()
        super().close()
