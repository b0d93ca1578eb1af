"""Cursors of lists: opaque text for whoever pages, a small JSON value for us."""

import base64
import binascii
import json
from typing import Any

# Longer than any that is given out.
MAX_CURSOR_LENGTH = 2_000


class InvalidCursorError(ValueError):
    """The cursor of a list is not one that a page of this list gave out."""


def encode_cursor(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:
    """The value; whether it is one that the list gave out is for the list to check.
    InvalidCursorError."""
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise InvalidCursorError(cursor[:100])
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError, binascii.Error):
        raise InvalidCursorError(cursor) from None
