"""Which face says who may hear the event stream: with a passcode the candidates', else staff's."""

from typing import Any
from urllib.parse import parse_qs

from candidate_portal.access import authorize_candidate_stream
from dashboard.permissions.sse import audience as staff
from operations.sse.consumer import Audience


async def audience(scope: dict[str, Any]) -> Audience:
    """Whom this connection may hear. Raises Refused."""
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if "passcode" in query:
        return await authorize_candidate_stream(scope)
    return await staff(scope)
