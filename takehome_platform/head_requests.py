"""HEAD: the answer to the GET of the same address, without its content."""

from collections.abc import AsyncIterator, Callable
from typing import cast

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

View = Callable[[HttpRequest], HttpResponseBase]


def head_as_get(get_response: View) -> View:
    """Middleware that shows views a GET, so that each need not allow and tell apart another method.

    The server leaves the content out. That of a stream is not even read: it may be an archive.
    `request.is_head` tells who keeps account of what is shown, or opened a file for the stream.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return get_response(request)
        request.method = "GET"
        request.is_head = True  # type: ignore[attr-defined]
        try:
            response = get_response(request)
        finally:
            request.method = "HEAD"
        if response.streaming:
            stream = cast(StreamingHttpResponse, response)
            stream.streaming_content = _nothing() if stream.is_async else ()
        return response

    return middleware


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
