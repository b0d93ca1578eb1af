"""What an invitation may say: the one set of rules behind the form and the API."""

import unicodedata
from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

DURATIONS = (30, 45, 60, 90, 120, 180, 240)
MAX_DURATION = 8 * 60
DEFAULT_DURATION = 240
MAX_VALID_DAYS = 30
DEFAULT_VALID_DAYS = 7
MAX_NAME = 200
MAX_INSTRUCTIONS = 5_000


def _one_line_end(value: object) -> object:
    """A browser counts a line break as one character and sends two."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _printable(text: str) -> str:
    """Any script is a name; a control character is not part of one, nor is it made of blanks."""
    if text and all(unicodedata.category(char)[0] in "CZM" for char in text):
        raise ValueError("must hold a letter or a digit")
    if any(ord(char) < 32 or ord(char) == 127 for char in text if char not in "\n\r\t"):
        raise ValueError("must not hold control characters")
    return text


def _number(value: object) -> object:
    """A form sends digits and JSON a number; `true` is neither."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


Whole = Annotated[int, BeforeValidator(_number)]
Text = Annotated[
    str,
    BeforeValidator(_one_line_end),
    StringConstraints(strip_whitespace=True),
    AfterValidator(_printable),
]


class TakeHomeInvitation(Schema):
    """A candidate's invitation to a take-home test. Minutes and days are whole numbers."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    candidate_name: Annotated[Text, Field(min_length=1, max_length=MAX_NAME)]
    challenge: Annotated[Text, Field(min_length=1, max_length=100, description="A challenge's id")]
    duration_minutes: Annotated[Whole, Field(ge=1, le=MAX_DURATION)] = DEFAULT_DURATION
    valid_days: Annotated[Whole, Field(ge=1, le=MAX_VALID_DAYS)] = DEFAULT_VALID_DAYS
    custom_instructions: Annotated[Text, Field(max_length=MAX_INSTRUCTIONS)] = ""
