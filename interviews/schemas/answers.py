"""The base of schemas that answer with rows of the tables, or with answers made already."""

from typing import Any

from ninja import Schema
from pydantic import ModelWrapValidatorHandler, ValidationInfo, model_validator
from pynamodb.attributes import AttributeContainer

from interviews.schemas.fields import CAMEL_ANSWER


class Answer(Schema):
    """A schema with names of JavaScript that reads a row's attributes at once.

    Ninja asks for each field by a call of its own, and then whether it is a method, a manager or a
    file, which took half of the time of a list. An answer is not read once more.
    """

    model_config = CAMEL_ANSWER

    @model_validator(mode="wrap")
    @classmethod
    def _run_root_validator(
        cls, values: Any, handler: ModelWrapValidatorHandler[Any], info: ValidationInfo
    ) -> Any:
        if type(values) is cls:
            return values
        if isinstance(values, AttributeContainer):
            return handler(cls._fields_of(values, info.context))
        return super()._run_root_validator(values, handler, info)  # type: ignore[operator]

    @classmethod
    def _fields_of(cls, row: AttributeContainer, context: Any) -> dict[str, Any]:
        stored, resolvers = row.attribute_values, cls._ninja_resolvers
        attributes = row.get_attributes()
        fields: dict[str, Any] = {}
        for name in cls.model_fields:
            if name in resolvers:
                fields[name] = _resolved(resolvers[name], row, context)
            elif name in attributes:
                fields[name] = stored.get(name)
            else:
                fields[name] = getattr(row, name)
        return fields


def _resolved(resolver: Any, row: AttributeContainer, context: Any) -> Any:
    return resolver._func(row, context=context) if resolver._takes_context else resolver._func(row)
