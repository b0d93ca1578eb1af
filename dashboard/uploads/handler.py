"""Keep a request's files in one temporary file of bounded size.

Django would open a file for each, and two thousand exceed a process's limit of open files. Bytes
beyond the size limit are counted but not kept (`cut`), so that the rest of the form can still be
read.
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

# For all files of a request. An archive may be slightly larger than its content.
MAX_UPLOAD = MAX_CHALLENGE_BYTES + 10 * MEGABYTE


class BoundedUpload(FileUploadHandler):
    """Takes every file of every request; FILE_UPLOAD_HANDLERS names it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not hasattr(self, "file"):
            # Django closes it if the request cannot be parsed.
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
        """Close the file of a request that broke off before any of its files was complete."""
        if hasattr(self, "file") and not self.open_parts:
            self.file.close()


class KeptFile(Sent):
    """One uploaded file. `size` is the number of bytes sent, even if fewer were kept."""

    @property
    def cut(self) -> bool:
        part = self.file
        return isinstance(part, _Part) and len(part) < (self.size or 0)


class _Part(io.RawIOBase):
    """A part of the shared file. Closing the last open part closes that file."""

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
