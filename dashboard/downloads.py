"""The candidate's saved files as a download: streamed, under a name that people recognise."""

import unicodedata
from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from interviews.models import Interview

CHUNK = 256 * 1024


def archive(request: HttpRequest, interview: Interview) -> StreamingHttpResponse:
    """The saved archive (tar.gz). Raises Http404 when nothing was saved, or it is gone."""
    if not interview.history_s3_key:
        raise Http404("No files were saved of this interview.")
    try:
        file = default_storage.open(interview.history_s3_key, "rb")
    except FileNotFoundError:
        raise Http404("The saved files of this interview are no longer there.") from None
    # Django would read all of a plain iterator into memory before it answers through ASGI.
    chunks = _async_chunks(file) if isinstance(request, ASGIRequest) else _chunks(file)
    headers = {
        "Content-Disposition": str(content_disposition_header(True, archive_name(interview))),
        "Content-Length": str(file.size),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(chunks, content_type="application/gzip", headers=headers)


def archive_name(interview: Interview) -> str:
    """Candidate and challenge in any script, without what a file system or a reader trips over."""
    name = f"{interview.candidate_name[:80]} - {interview.challenge[:60]}"
    name = "".join(
        "_" if char in '/\\:*?"<>|' else char
        for char in unicodedata.normalize("NFC", name)
        # Control characters, and those that turn the direction of the text around.
        if not unicodedata.category(char).startswith("C")
    )
    return f"{name.strip('. ') or 'files'}.tar.gz"


def _chunks(file: "File[bytes]") -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


async def _async_chunks(file: "File[bytes]") -> AsyncIterator[bytes]:
    try:
        while chunk := await sync_to_async(file.read)(CHUNK):
            yield chunk
    finally:
        await sync_to_async(file.close)()
