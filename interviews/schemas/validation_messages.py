"""Messages for pydantic's validation errors, for forms, CSV imports and the API."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

REQUIRED = _("This field is required.")
TOO_LONG = _("Enter %(max_length)s characters or fewer.")
NOT_A_TEXT = _("Enter text.")
NOT_A_WHOLE_NUMBER = _("Enter a whole number.")
NOT_A_BOOLEAN = _("Enter true or false.")
NOT_A_TIME = _("Enter a date and time such as 2030-05-04T09:30:00+02:00.")
NOT_AN_OBJECT = _("Enter a JSON object.")
INVALID = _("This value isn't valid.")

MESSAGES: dict[str, Any] = {
    "missing": REQUIRED,
    "string_too_short": REQUIRED,
    "string_too_long": TOO_LONG,
    # Pydantic's error types for the same if one of our validators runs first.
    "too_short": REQUIRED,
    "too_long": TOO_LONG,
    "too_many": _("Enter %(max_length)s entries or fewer."),
    "string_type": NOT_A_TEXT,
    "string_unicode": NOT_A_TEXT,
    "int_type": NOT_A_WHOLE_NUMBER,
    "int_parsing": NOT_A_WHOLE_NUMBER,
    "int_from_float": NOT_A_WHOLE_NUMBER,
    "int_parsing_size": _("Enter a smaller number."),
    "bool_type": NOT_A_BOOLEAN,
    "bool_parsing": NOT_A_BOOLEAN,
    "timezone_aware": _("Include the offset from UTC, as in 2030-05-04T09:30:00+02:00."),
    "datetime_type": NOT_A_TIME,
    "datetime_parsing": NOT_A_TIME,
    "datetime_from_date_parsing": NOT_A_TIME,
    "datetime_object_invalid": NOT_A_TIME,
    "greater_than_equal": _("Enter %(ge)s or more."),
    "less_than_equal": _("Enter %(le)s or less."),
    "model_type": NOT_AN_OBJECT,
    "model_attributes_type": NOT_AN_OBJECT,
    "list_type": _("Enter a list."),
    "dict_type": NOT_AN_OBJECT,
}


def validation_message(error: Mapping[str, Any]) -> str:
    """Return the message for one entry of `ValidationError.errors()`, in the reader's language."""
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "value_error":
        # Of our own validators, whose messages are whole sentences.
        return str(context.get("error", error["msg"]))
    if kind == "too_long" and context.get("field_type") == "List":
        kind = "too_many"
    return f"{MESSAGES.get(kind, INVALID) % context}"


def field_messages(errors: ValidationError, schema: type[BaseModel]) -> list[tuple[str, str]]:
    """Return the message of each error, with the name of its field.

    Pydantic locates an error by the field's alias, which forms and tables do not know.
    """
    names = {field.alias: name for name, field in schema.model_fields.items()}
    locations = [(str(error["loc"][0]), dict(error)) for error in errors.errors()]
    return [(names.get(place, place), validation_message(error)) for place, error in locations]
