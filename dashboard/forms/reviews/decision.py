"""The form of a decision. A refused one keeps the reason that was typed."""

from dataclasses import dataclass, field

from django.http import QueryDict
from pydantic import ValidationError

from interviews.schemas.validation_messages import field_messages
from operations.reviews.models import Decision, Outcome
from operations.reviews.schemas import MAX_REASON, DecisionInput


@dataclass
class DecisionForm:
    """`base` is the number of the decision that the person saw, 0 if there was none."""

    outcome: str = ""
    reason: str = ""
    base: str = "0"
    errors: dict[str, str] = field(default_factory=dict)

    outcomes = Outcome
    max_reason = MAX_REASON

    @classmethod
    def of(cls, decision: Decision | None) -> "DecisionForm":
        return cls(base=str(decision.number if decision is not None else 0))

    @classmethod
    def read(cls, data: QueryDict) -> "DecisionForm":
        return cls(data.get("outcome", ""), data.get("reason", ""), data.get("base", ""))

    def data(self) -> DecisionInput | None:
        """The validated input, or None after adding the errors to their fields."""
        try:
            return DecisionInput.model_validate(
                {"outcome": self.outcome, "reason": self.reason, "base": self.base or 0}
            )
        except ValidationError as errors:
            self.errors = dict(field_messages(errors, DecisionInput))
            return None
