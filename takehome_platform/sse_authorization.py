"""Authorize a connection to the event stream: a candidate by passcode, staff by session."""

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest

from candidate_portal.access import authorize_candidate_stream as candidate_audience
from dashboard.permissions.sse import audience as staff_audience
from operations.sse.consumer import Audience, StreamDenied
from takehome_platform.errors import DEFAULT_ERRORS
from takehome_platform.request_limits.body_sizes import too_large_message


async def authorize_stream(scope: dict[str, Any]) -> Audience:
    """The events that this connection may receive.

    Raises:
        StreamDenied: if it may not receive any.
    """
    _check_request(scope)
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if "passcode" in query:
        return await candidate_audience(scope)
    return await staff_audience(scope)


def _check_request(scope: dict[str, Any]) -> None:
    """Check what Django's middleware checks at other addresses: the Host header and the body.

    Raises:
        StreamDenied: if ALLOWED_HOSTS has no such host, or the body is too large.
    """
    request = ASGIRequest(scope, BytesIO())
    try:
        request.get_host()
    except DisallowedHost:
        code, message = DEFAULT_ERRORS[400]
        raise StreamDenied(400, code, str(message)) from None
    if message := too_large_message(request):
        raise StreamDenied(413, DEFAULT_ERRORS[413][0], message)
