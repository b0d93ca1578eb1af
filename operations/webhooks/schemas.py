"""The validation rules of a webhook, shared by the form and the API."""

from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from interviews.lifecycle import Status
from interviews.schemas.fields import Text
from operations.webhooks.address_check import MAX_URL_LENGTH
from operations.webhooks.models import DEFAULT_TYPES, TYPES

MAX_NAME = 100


def _known_types(types: list[str]) -> list[str]:
    if unknown := set(types) - set(TYPES):
        raise ValueError(f"must not name {sorted(unknown)[0]!r}: there is no such type")
    return [type_ for type_ in TYPES if type_ in types]


def _known_statuses(statuses: list[str]) -> list[str]:
    if unknown := set(statuses) - set(Status):
        raise ValueError(f"must not name {sorted(unknown)[0]!r}: there is no such status")
    return [status.value for status in Status if status in statuses]


def _on_one_line(text: str) -> str:
    """Allow one line only: the name becomes part of an e-mail's subject."""
    if not text.isprintable():
        raise ValueError("must be on one line, and hold only what can be seen")
    return text


# `actions` checks if the address is allowed.
class WebhookInput(Schema):
    """The fields of a new or changed webhook."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    name: Annotated[Text, AfterValidator(_on_one_line), Field(min_length=1, max_length=MAX_NAME)]
    url: Annotated[Text, Field(min_length=1, max_length=MAX_URL_LENGTH)]
    types: Annotated[
        list[Annotated[str, Field(max_length=20)]],
        AfterValidator(_known_types),
        Field(min_length=1, description="Of which interviews it is told"),
    ] = list(DEFAULT_TYPES)
    statuses: Annotated[
        list[Annotated[str, Field(max_length=20)]],
        AfterValidator(_known_statuses),
        Field(description="Which statuses it is told of; empty: every one"),
    ] = []
    sends_edits: Annotated[
        bool,
        Field(description="Whether it is also told that an interview was edited or rescheduled"),
    ] = False
    sends_name: Annotated[
        bool, Field(description="Whether the candidate's name is in the messages")
    ] = False
