"""What the tables add to pynamodb: lists of maps without copies, one copy of botocore's data."""

from collections.abc import Callable
from typing import Any

import pytest
from pynamodb.attributes import ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import AttributeDeserializationError
from pynamodb.models import Model

from interviews.dynamodb import MapListAttribute
from interviews.models import Interview
from operations.models import Operation
from tests.conftest import fresh


class Part(MapAttribute):
    name = UnicodeAttribute()
    size = NumberAttribute(default=1)


class Whole(MapAttribute):
    parts = MapListAttribute(of=Part, default=list)


class Row(Model):
    wholes = MapListAttribute(of=Whole, default=list)
    parts = MapListAttribute(of=Part, default=list)
    parts_of_pynamodb = ListAttribute(of=Part, attr_name="parts", default=list)


PART = {"M": {"name": {"S": "a"}, "size": {"N": "2"}}}
WITHOUT_SIZE = {"M": {"name": {"S": "b"}}}


def stored(parts: object) -> list[object] | None:
    return [part and part.to_dynamodb_dict() for part in parts]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "values",
    [[], [PART], [PART, WITHOUT_SIZE], [{"NULL": True}, PART]],
    ids=["empty", "one", "default", "null"],
)
def test_lists_are_read_as_by_pynamodb(values: list[dict[str, Any]]) -> None:
    row = Row.from_raw_data({"parts": {"L": values}})
    assert len(row.parts) == len(values)
    assert stored(row.parts) == stored(row.parts_of_pynamodb)
    assert all(part is None or type(part) is Part for part in row.parts)


def test_lists_inside_of_lists_are_read() -> None:
    whole = {"M": {"parts": {"L": [PART, WITHOUT_SIZE]}}}
    row = Row.from_raw_data({"wholes": {"L": [whole, {"M": {"parts": {"L": []}}}]}})
    assert [[part.name for part in each.parts] for each in row.wholes] == [["a", "b"], []]


def test_elements_of_two_rows_are_apart() -> None:
    one, two = (Row.from_raw_data({"parts": {"L": [PART]}}) for _ in range(2))
    one.parts[0].name = "changed"
    assert two.parts[0].name == "a"


def test_error_names_the_element() -> None:
    with pytest.raises(AttributeDeserializationError, match=r"parts\[1\]"):
        Row.from_raw_data({"parts": {"L": [PART, {"S": "no map"}]}})


def test_interview_is_read_without_a_copy_of_its_attributes(
    invite: Callable[..., Interview], monkeypatch: pytest.MonkeyPatch
) -> None:
    interview = invite()
    fresh(interview)
    monkeypatch.delattr("pynamodb.attributes.deepcopy")
    assert len(fresh(interview).timeline) == 1


def test_tables_share_what_botocore_knows_of_aws() -> None:
    sessions = [model._get_connection().connection.session for model in (Interview, Operation)]
    assert sessions[0] is not sessions[1]
    one, two = (session.get_component("data_loader") for session in sessions)
    assert one is two
