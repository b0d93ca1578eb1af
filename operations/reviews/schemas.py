"""What a reviewer enters, for the page and the API. A draft may lack everything."""

import re
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import BeforeValidator, Field

from interviews.challenges.criteria import MAX_CRITERIA, MAX_NAME
from interviews.schemas.fields import CAMEL, Text, WholeNumber
from interviews.schemas.validators import none_if_blank, required
from operations.reviews.models import Outcome, Recommendation

MAX_NOTE = 2_000
MAX_SUMMARY = 5_000
MAX_COMMENT = 2_000
MAX_COMMENTS = 50
MAX_PATH = 500
MAX_REASON = 2_000
_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<line>\d{1,7}))?")


def _one_of(choices: list[str]) -> BeforeValidator:
    def check(value: object) -> object:
        if value not in ("", None, *choices):
            raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)})
        return value or ""

    return BeforeValidator(check)


def place_of(where: str) -> tuple[str, int | None] | None:
    """The path and the line that a comment points at, such as `src/app.py:42`.

    The path is "" and the line None if it points nowhere; None if it is no place in a submission.
    """
    if not where:
        return "", None
    match = _PLACE.fullmatch(where)
    if match is None:
        return None
    path: str = match["path"]
    line = int(match["line"]) if match["line"] else None
    is_inside = not path.startswith("/") and ".." not in path.split("/") and line != 0
    return (path, line) if is_inside else None


class ScoreInput(Schema):
    """The score of one criterion, by its name."""

    model_config = CAMEL

    criterion: Annotated[Text, Field(max_length=MAX_NAME)]
    score: Annotated[
        Annotated[WholeNumber, Field(ge=1, le=4)] | None, BeforeValidator(none_if_blank)
    ] = None
    note: Annotated[Text, Field(max_length=MAX_NOTE)] = ""


class CommentInput(Schema):
    """A comment on the submission, or on a file and line of it."""

    model_config = CAMEL

    text: Annotated[Text, Field(max_length=MAX_COMMENT)] = ""
    where: Annotated[
        Text, Field(max_length=MAX_PATH, description="A path, or path:line; or empty")
    ] = ""

    def stored(self) -> dict[str, str]:
        return {"text": self.text, "where": self.where}


class ReviewInput(Schema):
    """A scorecard."""

    model_config = CAMEL

    scores: Annotated[list[ScoreInput], Field(max_length=MAX_CRITERIA)] = []
    recommendation: Annotated[
        str,
        _one_of(Recommendation.values),
        Field(description=", ".join(Recommendation.values)),
    ] = ""
    summary: Annotated[Text, Field(max_length=MAX_SUMMARY)] = ""
    comments: Annotated[list[CommentInput], Field(max_length=MAX_COMMENTS)] = []

    def stored_comments(self) -> list[dict[str, Any]]:
        """The comments without blank ones."""
        return [each.stored() for each in self.comments if each.text or each.where]


def _require_outcome(value: object) -> object:
    if value not in Outcome.values:
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(Outcome.values)})
    return value


class DecisionInput(Schema):
    """A decision. `base` is the number of the decision that the person saw, 0 if there was none."""

    model_config = CAMEL

    outcome: Annotated[
        str, BeforeValidator(_require_outcome), Field(description=", ".join(Outcome.values))
    ]
    reason: Annotated[
        Text,
        required(gettext_lazy("Enter a reason.")),
        Field(min_length=1, max_length=MAX_REASON),
    ]
    base: Annotated[WholeNumber, Field(ge=0, lt=10**6)] = 0
