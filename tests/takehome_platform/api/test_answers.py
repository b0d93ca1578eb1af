"""The schemas of answers: how their fields are read from the objects that views return."""

from collections.abc import Iterator
from typing import Any, get_args

from ninja import Schema
from ninja.constants import NOT_SET

from takehome_platform.api.app import api


def answers() -> set[type[Schema]]:
    """Each schema that some response has in it."""
    found: set[type[Schema]] = set()
    for _, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                for model in operation.response_models.values():
                    if model not in (None, NOT_SET):
                        found.update(_within(model, found))
    return found


def _within(annotation: Any, known: set[type[Schema]]) -> Iterator[type[Schema]]:
    if isinstance(annotation, type) and issubclass(annotation, Schema) and annotation not in known:
        known.add(annotation)
        yield annotation
        for field in annotation.model_fields.values():
            yield from _within(field.annotation, known)
    for part in get_args(annotation):
        yield from _within(part, known)


def test_fields_are_read_by_their_own_names() -> None:
    """By another name, each costs Ninja a listing of all of the object's attributes."""
    misread = {
        f"{schema.__name__}.{name}"
        for schema in answers()
        for name, field in schema.model_fields.items()
        if field.validation_alias not in (None, name)
    }
    assert len(answers()) > 30
    assert misread == set()
