"""Rows are made of stored items as pynamodb makes them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
)
from pynamodb.exceptions import AttributeDeserializationError

from interviews.attributes import InterviewAttributes
from interviews.dynamodb import MapListAttribute, TimeAttribute
from interviews.dynamodb.rows import read_row
from interviews.indexes import TimelineEntry
from interviews.models import Interview

Item = dict[str, dict[str, Any]]


def stored_value(attribute: Attribute[Any]) -> st.SearchStrategy[dict[str, Any]]:
    if isinstance(attribute, MapListAttribute):
        assert attribute.element_type is not None
        element = stored_item(attribute.element_type.get_attributes())  # type: ignore[attr-defined]
        return st.lists(element.map(lambda item: {"M": item}), max_size=2).map(lambda v: {"L": v})
    if isinstance(attribute, ListAttribute):
        return st.just({"L": [{"S": "ada@example.com"}]})
    if isinstance(attribute, BooleanAttribute):
        return st.booleans().map(lambda value: {"BOOL": value})
    if isinstance(attribute, JSONAttribute):
        return st.just({"S": '{"cpus": 2}'})
    if isinstance(attribute, NumberAttribute | TimeAttribute):
        return st.integers(0, 10**9).map(lambda value: {"N": str(value)})
    return st.text(max_size=3).map(lambda value: {attribute.attr_type: value})


def stored_item(attributes: dict[str, Attribute[Any]]) -> st.SearchStrategy[Item]:
    values = {
        each.attr_name: stored_value(each) | st.just({"NULL": True})
        for each in attributes.values()
        if each.attr_type in ("S", "N", "BOOL", "L")
    }
    unknown = {"unknown": st.just({"S": "of a newer version"})}
    return st.fixed_dictionaries({}, optional=values | unknown)


def plain(value: Any) -> Any:
    """The values inside of rows and maps, which are not equal to each other."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    inside = getattr(value, "attribute_values", None)
    return value if inside is None else (type(value), {k: plain(v) for k, v in inside.items()})


@given(stored_item(Interview.get_attributes()))
def test_row_is_that_of_pynamodb(item: Item) -> None:
    theirs = super(InterviewAttributes, Interview).from_raw_data(item)
    assert plain(read_row(Interview, item)) == plain(theirs)


def test_attributes_of_rows_and_of_the_class_are_those_of_pynamodb() -> None:
    row = Interview(id="i", candidate_name="Ada")
    row.candidate_name = "Grace"
    assert (row.id, row.candidate_name) == ("i", "Grace")
    assert row.passcode is None
    assert row.to_dynamodb_dict()["candidateName"] == {"S": "Grace"}
    assert Interview.candidate_name is Interview.get_attributes()["candidate_name"]
    assert str(Interview.candidate_name == "Grace") == "candidateName = {'S': 'Grace'}"


def test_defaults_of_two_rows_are_apart() -> None:
    one, two = (read_row(Interview, {"id": {"S": "i"}}) for _ in range(2))
    one.timeline.append(TimelineEntry())
    assert two.timeline == []


def test_value_of_another_type_is_named() -> None:
    with pytest.raises(AttributeDeserializationError, match="candidateName"):
        read_row(Interview, {"candidateName": {"N": "1"}})
