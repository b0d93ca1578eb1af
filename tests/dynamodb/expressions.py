"""The expressions of a DynamoDB request, as Python that is compiled once."""

import operator
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache, partial
from types import CodeType
from typing import Any

from tests.dynamodb.errors import invalid

Item = dict[str, dict[str, Any]]

NAME = r"[#:]?\w+"
KEYWORDS = {"AND": "and", "OR": "or", "NOT": "not", "IN": "in"}


def comparable(value: dict[str, Any]) -> tuple[str, Any]:
    """The type of an attribute's value, and what can be compared with others of that type."""
    ((type_, raw),) = value.items()
    if type_ == "N":
        return type_, Decimal(raw)
    if type_ == "L":
        return type_, [comparable(each) for each in raw]
    if type_ == "M":
        return type_, {name: comparable(each) for name, each in raw.items()}
    return type_, raw


class Operand:
    """An attribute or a value; without a value: the item has no such attribute."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: dict[str, Any] | None) -> None:
        self.value = value

    @property
    def present(self) -> dict[str, Any]:
        if self.value is None:
            raise invalid(
                "The provided expression refers to an attribute that does not exist in the item"
            )
        return self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Operand) and self._compare(other, operator.eq)

    def __lt__(self, other: "Operand") -> bool:
        return self._compare(other, operator.lt, "S", "N", "B")

    def __le__(self, other: "Operand") -> bool:
        return self._compare(other, operator.le, "S", "N", "B")

    def __gt__(self, other: "Operand") -> bool:
        return self._compare(other, operator.gt, "S", "N", "B")

    def __ge__(self, other: "Operand") -> bool:
        return self._compare(other, operator.ge, "S", "N", "B")

    def _compare(self, other: "Operand", by: Callable[[Any, Any], bool], *types: str) -> bool:
        if self.value is None or other.value is None:
            return False
        (type_, left), (other_type, right) = comparable(self.value), comparable(other.value)
        return type_ == other_type and (not types or type_ in types) and by(left, right)

    def __add__(self, other: "Operand") -> "Operand":
        return Operand({"N": f"{Decimal(self.present['N']) + Decimal(other.present['N']):f}"})


def begins_with(path: Operand, start: Operand) -> bool:
    ((type_, prefix),) = start.present.items()
    return path.value is not None and path.value.get(type_, "").startswith(prefix)


def size(path: Operand) -> Operand:
    if path.value is None:
        return path
    (raw,) = path.value.values()
    return Operand({"N": str(len(raw))})


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "attribute_exists": lambda path: path.value is not None,
    "attribute_not_exists": lambda path: path.value is None,
    "attribute_type": lambda path, type_: type_.present["S"] in (path.value or ()),
    "begins_with": begins_with,
    "size": size,
    "if_not_exists": lambda path, value: value if path.value is None else path,
    "list_append": lambda one, two: Operand({"L": [*one.present["L"], *two.present["L"]]}),
}


@lru_cache(1024)
def _compiled(expression: str) -> CodeType:
    """Python's operators bind as DynamoDB's do, and a name becomes a call of `at`."""
    text = re.sub(rf"({NAME}) BETWEEN ({NAME}) AND ({NAME})", r"(\2 <= \1 <= \3)", expression)
    text = re.sub(r"\bIN \(([^)]*)\)", r"IN (\1,)", text)
    text = re.sub(r"(?<![<>])=", "==", text).replace("<>", "!=")

    def word(found: re.Match[str]) -> str:
        name = found[0]
        return KEYWORDS.get(name) or (name if name in FUNCTIONS else f"at({name!r})")

    return compile(re.sub(NAME, word, text), expression, "eval")


class Expressions:
    """What stands in the expressions of a request, and what their placeholders stand for."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._names = request.get("ExpressionAttributeNames", {})
        self._values = request.get("ExpressionAttributeValues", {})

    def name(self, word: str) -> str:
        return str(self._names[word]) if word.startswith("#") else word

    def value(self, word: str) -> dict[str, Any]:
        return dict(self._values[word])

    def holds(self, condition: str | None, item: Item) -> bool:
        return condition is None or bool(self._result(condition, item))

    def changes(self, update: str, item: Item) -> dict[str, dict[str, Any] | None]:
        """The new value of each attribute that the update writes; None: it is removed."""
        return {
            self.name(target): self._result(value, item).present if value else None
            for target, value in _actions(update)
        }

    def projected(self, projection: str | None, item: Item) -> Item:
        if projection is None:
            return item
        names = [self.name(word) for word in re.split(r",\s*", projection)]
        return {name: item[name] for name in names if name in item}

    def _result(self, expression: str, item: Item) -> Any:
        return eval(_compiled(expression), FUNCTIONS | {"at": partial(self._at, item)})

    def _at(self, item: Item, word: str) -> Operand:
        return Operand(self._values[word] if word.startswith(":") else item.get(self.name(word)))


def _actions(update: str) -> Iterator[tuple[str, str]]:
    """Each attribute that changes, and the expression of its new value; empty to remove it."""
    clauses = iter(re.split(r"\b(SET|REMOVE|ADD|DELETE)\b", update)[1:])
    for clause, actions in zip(clauses, clauses, strict=True):
        for action in re.split(r",(?![^(]*\))", actions):
            target, _, value = action.strip().partition(" = ")
            if clause not in ("SET", "REMOVE") or not re.fullmatch(NAME, target):
                raise NotImplementedError(update)
            yield target, value
