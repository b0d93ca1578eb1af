"""The form of one's own review. A refused one keeps everything that was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from pydantic import ValidationError

from interviews.challenges.criteria import Criterion
from interviews.schemas.validation_messages import validation_message
from operations.reviews.models import SCORES, Recommendation, Review
from operations.reviews.schemas import MAX_PATH, ReviewInput, place_of


@dataclass
class ScoreRow:
    """A criterion, with the score and note as they were typed."""

    criterion: Criterion
    score: str = ""
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class CommentRow:
    """A comment as it was typed. `warning` says what is wrong with a place that is saved."""

    text: str = ""
    where: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    warning: str = ""
    # Begun at a line of a file, and not saved yet.
    is_begun: bool = False


@dataclass
class ScorecardForm:
    """`version` is the review's that the person started from; `seen`, the challenge's."""

    scores: list[ScoreRow]
    recommendation: str = ""
    summary: str = ""
    comments: list[CommentRow] = field(default_factory=list)
    version: int = 0
    seen: int | None = None
    errors: dict[str, str] = field(default_factory=dict)
    # What was typed on criteria that there are no longer.
    others: list[dict[str, str]] = field(default_factory=list)
    # True if all is saved but for what has an error.
    is_rest_saved: bool = False

    words = SCORES
    recommendations = Recommendation

    @property
    def empty_comment(self) -> CommentRow:
        return CommentRow()

    @property
    def has_errors(self) -> bool:
        return bool(self.messages())

    @classmethod
    def of(
        cls, review: Review | None, criteria: tuple[Criterion, ...], seen: int | None
    ) -> "ScorecardForm":
        if review is None:
            return cls([ScoreRow(each) for each in criteria], seen=seen)
        stored = {row["criterion"]: row for row in review.scores}
        rows = []
        for each in criteria:
            row = stored.get(each.name, {"score": None, "note": ""})
            rows.append(ScoreRow(each, str(row["score"] or ""), row["note"]))
        comments = [CommentRow(each["text"], each["where"]) for each in review.comments]
        return cls(rows, review.recommendation, review.summary, comments, review.version, seen)

    @classmethod
    def read(cls, data: QueryDict, criteria: tuple[Criterion, ...]) -> "ScorecardForm":
        """The form as it was sent. Its criteria may be others, if they changed meanwhile."""
        sent = {
            name: {"score": data.get(f"score_{place}", ""), "note": data.get(f"note_{place}", "")}
            for place, name in enumerate(data.getlist("criterion"))
        }
        rows = []
        for each in criteria:
            row = sent.pop(each.name, {"score": "", "note": ""})
            rows.append(ScoreRow(each, row["score"], row["note"]))
        texts, places = data.getlist("comment_text"), data.getlist("comment_where")
        comments = [CommentRow(*each) for each in zip(texts, places, strict=False)]
        return cls(
            rows,
            data.get("recommendation", ""),
            data.get("summary", ""),
            [each for each in comments if each.text.strip() or each.where.strip()],
            _number(data.get("version")) or 0,
            seen_in(data),
            others=[{"criterion": name, **row} for name, row in sent.items()],
        )

    def card(self) -> ReviewInput | None:
        """The validated input, or None after adding the errors to their fields."""
        try:
            return ReviewInput.model_validate(self._values())
        except ValidationError as errors:
            for each in errors.errors():
                self._add(each["loc"], validation_message(dict(each)))
            return None

    def saveable(self, stored: Review | None) -> ReviewInput | None:
        """The input with what is stored in place of what is invalid, or None if that is invalid."""
        values = self._values()
        try:
            return ReviewInput.model_validate(values)
        except ValidationError as errors:
            for each in errors.errors():
                _keep_stored(values, each["loc"], stored)
        values["scores"] = [each for each in values["scores"] if each]
        try:
            return ReviewInput.model_validate(values)
        except ValidationError:
            return None

    def _values(self) -> dict[str, Any]:
        return {
            "scores": [
                *(
                    {"criterion": row.criterion.name, "score": row.score, "note": row.note}
                    for row in self.scores
                ),
                *(dict(each) for each in self.others),
            ],
            "recommendation": self.recommendation,
            "summary": self.summary,
            "comments": [{"text": row.text, "where": row.where} for row in self.comments],
        }

    def check_places(self, wrong: Mapping[str, str]) -> None:
        """Say at their fields which places aren't in the submission."""
        for row in self.comments:
            if "where" not in row.errors:
                row.warning = wrong.get(row.where.strip(), "")

    def add_place(self, path: str, line: str) -> None:
        """Add an empty comment on a file and a line, as a page without scripts asks for it."""
        where = f"{path}:{line}" if line else path
        if path and len(where) <= MAX_PATH and place_of(where) is not None:
            self.comments.append(CommentRow(where=where, is_begun=True))

    @property
    def is_begun(self) -> bool:
        return any(row.is_begun for row in self.comments)

    def add_missing(self, missing: dict[str, str]) -> None:
        """Show what keeps the review from being submitted, at its fields."""
        names = {row.criterion.name: row for row in self.scores}
        for place, message in missing.items():
            kind, _dot, rest = place.partition(".")
            if kind == "scores":
                self._add_score(names.get(rest), message)
            elif kind == "comments":
                position, _dot, name = rest.partition(".")
                self.comments[int(position)].errors[name] = message
            else:
                self.errors[kind] = message

    def _add_score(self, row: ScoreRow | None, message: str) -> None:
        """Add the error to its row, or above all if the form has no such criterion."""
        if row is not None:
            row.errors["score"] = message
        else:
            self.errors["scores"] = f"{self.errors.get('scores', '')} {message}".strip()

    def messages(self) -> list[str]:
        """All errors, for an answer without the form."""
        parts = [self.errors, *(row.errors for row in self.scores)]
        parts += [row.errors for row in self.comments]
        return [message for errors in parts for message in errors.values()]

    def named_messages(self) -> list[str]:
        """The same with the name of the field before each."""
        parts: list[tuple[str, dict[str, str]]] = [("", self.errors)]
        parts += [(row.criterion.name, row.errors) for row in self.scores]
        parts += [
            (_("Comment %(number)s") % {"number": number}, row.errors)
            for number, row in enumerate(self.comments, start=1)
        ]
        return [
            f"{name or _label(field)}: {message}"
            for name, errors in parts
            for field, message in errors.items()
        ]

    def _add(self, place: tuple[int | str, ...], message: str) -> None:
        match place:
            case ("scores", int(position), name, *_) if position < len(self.scores):
                self.scores[position].errors[str(name)] = message
            case ("comments", int(position), name, *_):
                self.comments[position].errors[str(name)] = message
            case _:
                self.errors[str(place[0])] = message


def _label(name: str) -> str:
    return {
        "recommendation": _("Recommendation"),
        "summary": _("Summary"),
        "comments": _("Comments"),
    }.get(name, _("Scores"))


def _keep_stored(
    values: dict[str, Any], place: tuple[int | str, ...], stored: Review | None
) -> None:
    """Put what the review has into an invalid place; what it does not have is left out."""
    match place:
        case ("scores", int(position), str(name), *_rest):
            row = values["scores"][position]
            kept = {each["criterion"]: each for each in stored.scores} if stored else {}
            if name == "criterion":
                row.clear()
            elif row:
                row[name] = kept.get(row["criterion"], {"score": None, "note": ""})[name]
        case ("comments", int(position), str(name), *_rest):
            row = values["comments"][position]
            other = "where" if name == "text" else "text"
            comments = stored.comments if stored else []
            # Comments have no ids: it is the stored one only if the rest is the same.
            is_same = position < len(comments) and comments[position][other] == row[other]
            row[name] = comments[position][name] if is_same else ""
        case ("scores" | "comments" as name, *_rest):
            values[name] = list(getattr(stored, name)) if stored else []
        case (str(name), *_rest):
            values[name] = getattr(stored, name) if stored else ""


def seen_in(data: QueryDict) -> int | None:
    """The version of the challenge whose criteria the form has."""
    return _number(data.get("seen"))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else None
