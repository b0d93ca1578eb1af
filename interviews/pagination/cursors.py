"""Encode and decode list cursors: opaque text for clients, a small JSON value for the server."""

import base64
import binascii
import json
from typing import Any

# Longer than any cursor that a list issues.
MAX_CURSOR_LENGTH = 2_000


class InvalidCursorError(ValueError):
    """The cursor was not issued by this list."""


def encode_cursor(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:
    """Return the value of a cursor. The list checks whether it could have issued that value.

    Raises:
        InvalidCursorError: if the text is not an encoded JSON value.
    """
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise InvalidCursorError(cursor[:100])
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError, binascii.Error):
        raise InvalidCursorError(cursor) from None
