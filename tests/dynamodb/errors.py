"""What a DynamoDB refuses, and how it says so."""

from functools import partial
from typing import Any


class RequestError(Exception):
    """The server answers with this error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.answer: dict[str, Any] = {"Error": {"Code": code, "Message": message}}


invalid = partial(RequestError, "ValidationException")
