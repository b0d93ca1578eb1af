"""Pages and the API's answers in gzip."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TYPES = frozenset({"text/html", "application/json"})
# What is shorter fits in a few packets, and compressing costs more than it saves.
FEWEST_BYTES = 8_000


class CompressionMiddleware(GZipMiddleware):
    """Compresses what has its whole content: a list of 50 is a tenth of its size.

    Streams are left as they are: archives are compressed already, and a browser would see an event
    only when the next ones fill a block. Django adds up to 100 bytes of noise, against guesses at a
    secret by the length of a page that repeats a guess. Such guesses need the victim's cookies as
    well, which browsers do not send from other sites (SESSION_COOKIE_SAMESITE).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in TYPES:
            return response
        whole = cast(HttpResponse, response)
        if len(whole.content) < FEWEST_BYTES:
            return response
        return super().process_response(request, whole)
