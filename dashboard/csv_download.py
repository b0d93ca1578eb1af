"""Stream a table to staff as a CSV file."""

from collections.abc import AsyncIterator, Iterable, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from operations.bulk_import import csv_file

# Lines that are read at a time: a thread per line would cost more than the line.
CHUNK = 500


def csv_response(
    request: HttpRequest, name: str, rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    """The response to a download of these rows, which are read while it is sent."""
    lines = csv_file.write_csv(rows)
    # Through ASGI, Django would read all of a plain iterator into memory first.
    content = _in_thread(lines) if isinstance(request, ASGIRequest) else lines
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


async def _in_thread(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    def read_some() -> bytes:
        return b"".join(line for line, _ in zip(lines, range(CHUNK), strict=False))

    while some := await sync_to_async(read_some)():
        yield some
