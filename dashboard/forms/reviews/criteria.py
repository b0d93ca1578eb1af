"""The criteria in a challenge's form: rows of text fields, with the error of each."""

from dataclasses import dataclass, field

from django.http import QueryDict
from pydantic import ValidationError

from interviews.challenges.criteria import (
    MAX_CRITERIA,
    MAX_WEIGHT,
    MIN_WEIGHT,
    Criterion,
    default_criteria,
    parse_criteria,
)
from interviews.schemas.validation_messages import validation_message

WEIGHTS = range(MIN_WEIGHT, MAX_WEIGHT + 1)


@dataclass
class CriterionRow:
    """One criterion as it was typed; `errors` are by field."""

    name: str = ""
    good: str = ""
    weight: str = str(MIN_WEIGHT)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not (self.name.strip() or self.good.strip())


@dataclass
class CriteriaRows:
    """All criteria of the form, in their order. `error` is about all of them."""

    rows: list[CriterionRow] = field(default_factory=list)
    error: str = ""
    weights: range = WEIGHTS
    most: int = MAX_CRITERIA

    @classmethod
    def of(cls, criteria: tuple[Criterion, ...]) -> "CriteriaRows":
        return cls([CriterionRow(each.name, each.good, str(each.weight)) for each in criteria])

    @classmethod
    def read(cls, data: QueryDict) -> "CriteriaRows":
        """The rows that were sent; a blank one is left out."""
        columns = (
            data.getlist(name) for name in ("criterion_name", "criterion_good", "criterion_weight")
        )
        rows = [CriterionRow(*cells) for cells in zip(*columns, strict=False)]
        return cls([row for row in rows if not row.is_blank])

    @property
    def has_errors(self) -> bool:
        return bool(self.error or any(row.errors for row in self.rows))

    @property
    def empty(self) -> CriterionRow:
        return CriterionRow()

    @property
    def default_rows(self) -> list[CriterionRow]:
        """What the button offers that fills in a set to start from."""
        return CriteriaRows.of(default_criteria()).rows

    def criteria(self) -> tuple[Criterion, ...] | None:
        """The criteria, or None after adding the errors to their fields."""
        values = [{"name": row.name, "good": row.good, "weight": row.weight} for row in self.rows]
        try:
            return parse_criteria(values)
        except ValidationError as errors:
            for each in errors.errors():
                message = validation_message(dict(each))
                match each["loc"]:
                    case (int(position), name, *_):
                        self.rows[position].errors[str(name)] = message
                    case _:
                        self.error = message
            return None
