"""The page that describes the API, from the API's own OpenAPI document.

It is rendered on the server: it is a page like every other, in light and dark, without scripts of
another project that the content security policy or a screen reader would trip over.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from dashboard.presenters import markdown

JSON = "application/json"
SCHEMA_PREFIX = "#/components/schemas/"
Node = Mapping[str, Any]


@dataclass(frozen=True)
class Type:
    """The type of a value in words. `name` is the data type on this page that it holds, or ""."""

    text: str
    name: str = ""


@dataclass(frozen=True)
class Field:
    name: str
    type: Type
    # "path", "query", "header", or "" in a body.
    place: str
    is_required: bool
    description: SafeString
    default: str


@dataclass(frozen=True)
class Answer:
    status: str
    description: str
    type: Type | None


@dataclass(frozen=True)
class Endpoint:
    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    parameters: list[Field]
    body: list[Field]
    body_type: Type | None
    answers: list[Answer]


@dataclass(frozen=True)
class Section:
    """The endpoints of a tag."""

    id: str
    title: str
    description: str
    endpoints: list[Endpoint]


@dataclass(frozen=True)
class DataType:
    name: str
    description: SafeString
    fields: list[Field]
    # The values of an enumeration.
    values: list[str]


class ReferenceDocs(DocsBase):
    """Renders /api/docs, which `docs_decorator` keeps for staff."""

    def __init__(self) -> None:
        # Of the document that a process makes once: its texts are the same for everybody.
        self._read: tuple[Node, dict[str, Any]] | None = None

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        document = api.get_openapi_schema(path_params=kwargs)
        if self._read is None or self._read[0] is not document:
            self._read = (document, _context(document))
        context = self._read[1] | {"document_url": self.get_openapi_url(api, kwargs)}
        return render(request, "dashboard/api_docs/page.html", context)


def _context(document: Node) -> dict[str, Any]:
    schemas: Node = document["components"]["schemas"]
    return {
        "description": markdown.render(document["info"]["description"]),
        "sections": [_section(tag, document["paths"], schemas) for tag in document["tags"]],
        "types": [_data_type(name, schemas[name]) for name in sorted(schemas)],
    }


def _section(tag: Node, paths: Node, schemas: Node) -> Section:
    endpoints = [
        _endpoint(path, method, operation, schemas)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if tag["name"] in operation.get("tags", ())
    ]
    id_ = tag["name"].lower().replace(" ", "-")
    return Section(f"section-{id_}", tag["name"], tag["description"], endpoints)


def _endpoint(path: str, method: str, operation: Node, schemas: Node) -> Endpoint:
    body, body_type = _body(operation.get("requestBody"), schemas)
    return Endpoint(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=markdown.render(operation.get("description", "")),
        parameters=[
            _field(each["name"], each["schema"], each.get("required", False), each["in"])
            for each in operation.get("parameters", ())
        ],
        body=body,
        body_type=body_type,
        answers=[
            Answer(str(status), answer["description"], _answer_type(answer))
            for status, answer in sorted(
                operation["responses"].items(), key=lambda item: str(item[0])
            )
        ],
    )


def _body(request_body: Node | None, schemas: Node) -> tuple[list[Field], Type | None]:
    """The fields of the body; and its type, if that has a name."""
    if request_body is None:
        return [], None
    schema = next(iter(request_body["content"].values()))["schema"]
    name = _name_of(schema)
    return _fields(schemas[name] if name else schema), Type(name, name) if name else None


def _answer_type(answer: Node) -> Type | None:
    content = answer.get("content", {})
    schema = content.get(JSON, {}).get("schema")
    return _type(schema) if schema else None


def _data_type(name: str, schema: Node) -> DataType:
    values = [str(value) for value in schema.get("enum", ())]
    return DataType(name, markdown.render(schema.get("description", "")), _fields(schema), values)


def _fields(schema: Node) -> list[Field]:
    required = schema.get("required", ())
    properties: Node = schema.get("properties", {})
    return [_field(name, each, name in required) for name, each in properties.items()]


def _field(name: str, schema: Node, is_required: bool, place: str = "") -> Field:
    default = schema.get("default")
    return Field(
        name=name,
        type=_type(schema),
        place=place,
        is_required=is_required,
        description=markdown.render(schema.get("description", "")),
        default="" if default in (None, "", [], {}) else json.dumps(default),
    )


def _name_of(schema: Node) -> str:
    return str(schema.get("$ref", "")).removeprefix(SCHEMA_PREFIX)


def _type(schema: Node) -> Type:
    if name := _name_of(schema):
        return Type(name, name)
    if "const" in schema or "enum" in schema:
        values = schema.get("enum") or [schema["const"]]
        return Type(" | ".join(str(value) for value in values))
    if options := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return _joined(_type(option) for option in options)
    if schema.get("type") == "array":
        item = _type(schema.get("items", {}))
        return Type(f"list of {item.text}", item.name)
    text = str(schema.get("type", "any"))
    if form := schema.get("format"):
        text += f" ({form})"
    return Type(text + _limits(schema))


def _joined(types: Iterable[Type]) -> Type:
    known = list(types)
    return Type(
        " or ".join(each.text for each in known),
        next((each.name for each in known if each.name), ""),
    )


def _limits(schema: Node) -> str:
    """The bounds of a number, or the length of a text."""
    least = schema.get("minimum", schema.get("minLength"))
    most = schema.get("maximum", schema.get("maxLength"))
    unit = " characters" if "maxLength" in schema or "minLength" in schema else ""
    if least is not None and most is not None:
        return f", {least} to {most}{unit}"
    if most is not None:
        return f", up to {most}{unit}"
    return f", at least {least}{unit}" if least is not None else ""
