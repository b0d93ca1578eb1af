"""The validation rules of a webhook, shared by the form and the API."""

from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from interviews.lifecycle import Status
from interviews.schemas.fields import Text
from interviews.schemas.validators import required
from operations.webhooks.address_check import MAX_URL_LENGTH
from operations.webhooks.models import DEFAULT_TYPES, TYPES

MAX_NAME = 100


def _known_types(types: list[str]) -> list[str]:
    if not types:
        raise ValueError(_("Choose at least one type."))
    if unknown := set(types) - set(TYPES):
        raise ValueError(_("There is no type “%(type)s”.") % {"type": sorted(unknown)[0]})
    return [type_ for type_ in TYPES if type_ in types]


def _known_statuses(statuses: list[str]) -> list[str]:
    if unknown := set(statuses) - set(Status):
        raise ValueError(_("There is no status “%(status)s”.") % {"status": sorted(unknown)[0]})
    return [status.value for status in Status if status in statuses]


def _on_one_line(text: str) -> str:
    """Allow one line only: the name becomes part of an email's subject."""
    if not text.isprintable():
        raise ValueError(_("Use one line without invisible characters."))
    return text


# `actions` checks if the address is allowed.
class WebhookInput(Schema):
    """The fields of a new or changed webhook."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    name: Annotated[
        Text,
        required(gettext_lazy("Enter a name.")),
        AfterValidator(_on_one_line),
        Field(min_length=1, max_length=MAX_NAME),
    ]
    url: Annotated[
        Text,
        required(gettext_lazy("Enter an address.")),
        Field(min_length=1, max_length=MAX_URL_LENGTH),
    ]
    types: Annotated[
        list[Annotated[str, Field(max_length=20)]],
        AfterValidator(_known_types),
        Field(min_length=1, description="The interview types that it is sent"),
    ] = list(DEFAULT_TYPES)
    statuses: Annotated[
        list[Annotated[str, Field(max_length=20)]],
        AfterValidator(_known_statuses),
        Field(description="Only these statuses are sent. Defaults to all"),
    ] = []
    sends_edits: Annotated[
        bool,
        Field(description="Also send when an interview is edited or rescheduled"),
    ] = False
    sends_reviews: Annotated[
        bool,
        Field(
            description="Also send when a submission can be read, a review is submitted, a "
            "decision is made or checks end"
        ),
    ] = False
    sends_name: Annotated[bool, Field(description="Include the candidate's name")] = False
