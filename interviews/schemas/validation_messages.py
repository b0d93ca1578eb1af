"""Messages for pydantic's validation errors, for forms, CSV imports and the API."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

MESSAGES = {
    "missing": "This is missing.",
    "string_too_short": "This must not be empty.",
    "string_too_long": "At most {max_length} characters.",
    # Pydantic's error types for the same if one of our validators runs first.
    "too_short": "This must not be empty.",
    "too_long": "At most {max_length} characters.",
    "string_type": "This must be text.",
    "string_unicode": "This must be text.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "timezone_aware": "This must name its offset from UTC, as in 2030-05-04T09:30:00+02:00.",
    "datetime_type": "This must be a time such as 2030-05-04T09:30:00+02:00.",
    "datetime_parsing": "This must be a time such as 2030-05-04T09:30:00+02:00.",
    "datetime_from_date_parsing": "This must be a time such as 2030-05-04T09:30:00+02:00.",
    "datetime_object_invalid": "This must be a time such as 2030-05-04T09:30:00+02:00.",
    "greater_than_equal": "At least {ge}.",
    "less_than_equal": "At most {le}.",
    "model_type": "This must be a JSON object.",
    "model_attributes_type": "This must be a JSON object.",
    "list_type": "This must be a list.",
    "dict_type": "This must be a JSON object.",
}


def validation_message(error: Mapping[str, Any]) -> str:
    """Return the message for one entry of `ValidationError.errors()`."""
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "value_error":
        reason = str(context.get("error", error["msg"]))
        return f"This {reason.rstrip('.')}."
    if kind == "too_long" and context.get("field_type") == "List":
        return "At most {max_length} entries.".format(**context)
    return MESSAGES.get(kind, "This cannot be accepted.").format(**context)


def field_messages(errors: ValidationError, schema: type[BaseModel]) -> list[tuple[str, str]]:
    """Return the message of each error, with the name of its field.

    Pydantic locates an error by the field's alias, which forms and tables do not know.
    """
    names = {field.alias: name for name, field in schema.model_fields.items()}
    locations = [(str(error["loc"][0]), dict(error)) for error in errors.errors()]
    return [(names.get(place, place), validation_message(error)) for place, error in locations]
