"""Authorize a connection to the event stream: a candidate by passcode, staff by session."""

from typing import Any
from urllib.parse import parse_qs

from candidate_portal.access import authorize_candidate_stream as candidate_audience
from dashboard.permissions.sse import audience as staff_audience
from operations.sse.consumer import Audience


async def authorize_stream(scope: dict[str, Any]) -> Audience:
    """The events that this connection may receive.

    Raises:
        StreamDenied: if it may not receive any.
    """
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if "passcode" in query:
        return await candidate_audience(scope)
    return await staff_audience(scope)
