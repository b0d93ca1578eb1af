"""Stream downloads: a candidate's saved files, under a name that staff recognise, and others."""

import unicodedata
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from functools import partial
from itertools import chain

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from interviews.models import Interview
from operations.archives.archive import earlier_archives

CHUNK = 256 * 1024


def archive(request: HttpRequest, interview: Interview) -> StreamingHttpResponse:
    """Stream the last saved archive (tar.gz), or the one that `?opening=` names, counted from 0.

    Only a test that was reopened has more than one.

    Raises:
        Http404: if nothing was saved, or the archive is no longer stored.
    """
    saved = earlier_archives(interview)
    if not saved:
        raise Http404("No files were saved of this interview.")
    opening = requested_opening(request, len(saved))
    try:
        file = default_storage.open(saved[opening].key, "rb")
    except FileNotFoundError:
        raise Http404("The saved files of this interview are no longer there.") from None
    end = opening + 1 if len(saved) > 1 else None
    chunks = Chunks(iter(partial(file.read, CHUNK), b""), file.close)
    response = stream_download(request, chunks, archive_name(interview, end), "application/gzip")
    response["Content-Length"] = str(file.size)
    if getattr(request, "is_head", False):
        # The stream, which closes the file at its end, never begins.
        file.close()
    return response


def stream_download(
    request: HttpRequest, chunks: Iterator[bytes], name: str, content_type: str
) -> StreamingHttpResponse:
    """Stream the chunks of a file that browsers save under this name. No chunk may be empty.

    The end of the response closes them if they have a `close`, also if none of them was read.
    """
    headers = {
        "Content-Disposition": str(content_disposition_header(True, name)),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    # Through ASGI, Django would read all of a plain iterator into memory first.
    content = _ChunksInThread(chunks) if isinstance(request, ASGIRequest) else chunks
    return StreamingHttpResponse(content, content_type=content_type, headers=headers)


class Chunks(Iterator[bytes]):
    """Chunks with what they are read from, which is closed after the last one or by `close`."""

    def __init__(self, chunks: Iterator[bytes], close: Callable[[], None]) -> None:
        self._chunks = chunks
        # A generator that was not begun would close nothing.
        self.close = close

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            self.close()
            raise


def begun(chunks: Generator[bytes]) -> Chunks:
    """The same chunks, of which the first is read now: what is gone has an answer of its own.

    It raises what the chunks raise before the first one.
    """
    first = next(chunks, b"")
    return Chunks(chain([first] if first else [], chunks), chunks.close)


def archive_name(interview: Interview, end: int | None = None) -> str:
    """Candidate and challenge in any script, without characters that file systems reject.

    `end` is the number of the archive if there are several.
    """
    name = f"{interview.candidate_name[:80]} - {interview.challenge[:60]}"
    if end is not None:
        name += f" ({end})"
    name = "".join(
        "_" if char in '/\\:*?"<>|' else char
        for char in unicodedata.normalize("NFC", name)
        # Drop control characters, and those that reverse the direction of the text.
        if not unicodedata.category(char).startswith("C")
    )
    return f"{name.strip('. ') or 'files'}.tar.gz"


def requested_opening(request: HttpRequest, number: int) -> int:
    """The place of the archive that `?opening=` names, by default of the latest.

    Raises:
        Http404: if there is no such archive.
    """
    opening = request.GET.get("opening") or str(number - 1)
    if not (opening.isascii() and opening.isdigit() and len(opening) < 6 and int(opening) < number):
        raise Http404("No files were saved at such an end of this interview.")
    return int(opening)


class _ChunksInThread:
    """Chunks that are read in a thread, for a response of an ASGI server."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while chunk := await sync_to_async(self._next)():
                yield chunk
        finally:
            # In the thread, after a chunk that is being read while the client leaves.
            await sync_to_async(self.close)()

    def close(self) -> None:
        """Django calls it at the end of the response, also if the client left before it."""
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()

    def _next(self) -> bytes:
        return next(self._chunks, b"")
