"""The criteria by which reviewers score a submission: part of a challenge's version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import AfterValidator, Field, TypeAdapter

from interviews.schemas.fields import CAMEL, Text, WholeNumber
from interviews.schemas.validators import required

MAX_CRITERIA = 12
MAX_NAME = 80
MAX_GOOD = 500
MIN_WEIGHT, MAX_WEIGHT = 1, 5


@dataclass(frozen=True)
class Criterion:
    """What is scored from 1 to 4, what a good submission looks like, and how much it counts."""

    name: str
    good: str = ""
    weight: int = MIN_WEIGHT


def _one_line(text: str) -> str:
    return " ".join(text.split())


class CriterionRules(Schema):
    """A criterion as staff enters it."""

    model_config = CAMEL

    name: Annotated[
        Text,
        AfterValidator(_one_line),
        required(gettext_lazy("Enter a name.")),
        Field(min_length=1, max_length=MAX_NAME),
    ]
    good: Annotated[Text, Field(max_length=MAX_GOOD, description="What good looks like")] = ""
    weight: Annotated[WholeNumber, Field(ge=MIN_WEIGHT, le=MAX_WEIGHT)] = MIN_WEIGHT


def _each_once(criteria: list[CriterionRules]) -> list[CriterionRules]:
    names = [each.name.casefold() for each in criteria]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ValueError(
                _("“%(name)s” is there twice. Use each name once.")
                % {"name": criteria[position].name}
            )
    return criteria


Criteria = Annotated[
    list[CriterionRules], AfterValidator(_each_once), Field(max_length=MAX_CRITERIA)
]
_ADAPTER: TypeAdapter[list[CriterionRules]] = TypeAdapter(Criteria)


def parse_criteria(values: Sequence[Any]) -> tuple[Criterion, ...]:
    """Return the criteria of a form or a file, in their order.

    Raises:
        pydantic.ValidationError: if one is invalid; a location begins with its position.
    """
    return as_criteria(_ADAPTER.validate_python(list(values)))


def as_criteria(rules: Iterable[CriterionRules]) -> tuple[Criterion, ...]:
    return tuple(Criterion(each.name, each.good, each.weight) for each in rules)


def default_criteria() -> tuple[Criterion, ...]:
    """A set to start from, in the reader's language."""
    return (
        Criterion(
            _("Correctness"),
            _("It does what the task asks, also with unusual input."),
            3,
        ),
        Criterion(
            _("Code quality"),
            _("Easy to read and to change: clear names, small parts, no repetition."),
            2,
        ),
        Criterion(
            _("Tests"),
            _("They cover what matters, and would fail if the code were wrong."),
            2,
        ),
        Criterion(
            _("Communication"),
            _("The README or the commits say what was done, what wasn't, and why."),
            1,
        ),
    )
