"""The filters of a list, read from the query string of its page."""

from collections.abc import Mapping
from typing import Self, TypeVar

from ninja import Schema
from pydantic import ValidationError

from interviews.schemas.validation_messages import validation_message


class QueryFilter(Schema):
    """Base of the filters of a list. Every field is optional and may be empty."""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> tuple[Self, dict[str, str]]:
        """Parse the query parameters; return them without invalid fields, and a message for each of
        those.
        """
        names = {field.alias or name for name, field in cls.model_fields.items()}
        params = {name: value for name, value in values.items() if name in names}
        errors: dict[str, str] = {}
        while True:
            try:
                return cls.model_validate(params), errors
            except ValidationError as error:
                for each in error.errors():
                    name = str(each["loc"][0])
                    errors[name] = validation_message(dict(each))
                    params.pop(name, None)


Query = TypeVar("Query", bound=QueryFilter)
