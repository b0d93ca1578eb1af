"""UNIFIED_TAKEHOMES=false: each attribute of an invitation survives in the old table."""

from datetime import timedelta
from typing import Any

import pytest
from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from interviews import queries
from interviews.attributes import TAKE_HOME
from interviews.dynamodb import TimeAttribute, now
from interviews.indexes import EarlierArchive, EarlierSitting, NotSavedEntry, TimelineEntry
from interviews.legacy import lazy_migration
from interviews.legacy.ids import derive_passcode
from interviews.legacy.mapping import to_interview
from interviews.legacy.models import COLUMNS, DERIVED, Takehome
from interviews.legacy.old_items import to_old_item
from interviews.lifecycle import Status
from interviews.models import Interview

# An invitation that nobody started has none of these, and a started one has its own row for them.
STARTED = {"activated_at", "ready_at", "completed_at", "end_reason"}
# The row in `interviews` alone has these: who reads the old row makes them anew.
OF_THE_COPY = {"updated_at", "due_at", "outbox", "outbox_done", "write_id", "ttl", "timeline"}
OF_THE_COPY |= {"legacy_attributes"}
LISTS = {"earlier_archives", "not_saved", "sittings"}
KEPT = sorted(set(Interview.get_attributes()) - STARTED - OF_THE_COPY)


def sample(attribute: Attribute[Any]) -> Any:
    """A value that is not the default."""
    match attribute:
        case BooleanAttribute():
            return not attribute.default
        case NumberAttribute():
            return 7
        case TimeAttribute():
            return now() - timedelta(hours=1)
        case JSONAttribute():
            return {"container": "abc", "port": 1}
        case ListAttribute(attr_name="sittings"):
            return [EarlierSitting(number=1, ended_at=now(), end_reason="submitted")]
        case ListAttribute(attr_name="notSaved"):
            return [NotSavedEntry(path="web", reason="regenerable", files=2, bytes=5)]
        case ListAttribute(attr_name="interviewers"):
            return ["grace@example.com"]
        case ListAttribute():
            return [EarlierArchive(key="files/1.zip", bytes=5)]
        case UnicodeAttribute():
            return f"some {attribute.attr_name}"
    raise AssertionError(f"no sample of {type(attribute)}")


def invitation(**more: Any) -> Interview:
    id_ = "takehome-1-a"
    return Interview(
        **{
            "id": id_,
            "passcode": derive_passcode(id_),
            "type": TAKE_HOME,
            "list_key": "take-home-invited",
            "status": Status.AVAILABLE.value,
            "candidate_name": "Ada",
            "challenge": "word-count",
            "duration_minutes": 60,
            "created_at": now(),
            "valid_until": now() + timedelta(days=7),
            "timeline": [TimelineEntry(status="available", at=now(), by="recruiter")],
            **more,
        }
    )


def there_and_back(interview: Interview) -> Interview:
    return to_interview(Takehome.from_raw_data(to_old_item(interview)), None)


@pytest.mark.parametrize("name", KEPT)
def test_each_attribute_survives_the_way_there_and_back(name: str) -> None:
    before = there_and_back(invitation())
    given = getattr(before, name)
    if name not in {"id", "passcode", "status", "type", "list_key", "type_status_key"}:
        given = sample(Interview.get_attributes()[name])
        if name == "valid_until":
            given += timedelta(days=30)
    found = getattr(there_and_back(invitation(**{name: given})), name)
    if name in LISTS:
        found, given = ([each.attribute_values for each in rows] for rows in (found, given))
    assert found == given
    assert found is not None


def test_all_of_them_survive_at_once_through_the_table(old_table: None, settings: Any) -> None:
    settings.UNIFIED_TAKEHOMES = False
    names = set(KEPT) - COLUMNS - DERIVED - LISTS
    given = {name: sample(Interview.get_attributes()[name]) for name in names}
    lazy_migration.create_takehome(invitation(**given))
    for touch in (False, True):
        found = queries.get_interview("takehome-1-a")
        assert found is not None
        assert {name: getattr(found, name) for name in names} == given
        assert found.legacy_attributes is None
        if not touch:
            lazy_migration.migrate_on_write(found)
    assert [row.id for row in Interview.scan()] == ["takehome-1-a"]


def test_an_attribute_that_is_added_to_the_model_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    added = UnicodeAttribute(attr_name="dietaryNeeds", null=True)
    added.__set_name__(Interview, "dietary_needs")
    model: Any = Interview
    monkeypatch.setattr(model, "dietary_needs", added, raising=False)
    monkeypatch.setitem(model._attributes, "dietary_needs", added)
    monkeypatch.setitem(model._dynamo_to_python_attrs, "dietaryNeeds", "dietary_needs")
    interview = invitation(dietary_needs="no nuts")
    assert to_old_item(interview)["dietaryNeeds"] == {"S": "no nuts"}
    assert there_and_back(interview).attribute_values["dietary_needs"] == "no nuts"


def test_the_lists_of_exceptions_name_attributes_that_exist() -> None:
    assert set(Interview.get_attributes()) >= COLUMNS | DERIVED
    assert not COLUMNS & DERIVED


def test_what_a_new_interview_has_anyway_is_not_written() -> None:
    item = to_old_item(invitation())
    assert not item.keys() & {"attempts", "saveFiles", "earlierArchives"}


def test_an_attribute_of_a_row_from_elsewhere_is_kept_as_it_was_stored() -> None:
    """Another portal may mean anything by a name of ours."""
    item = to_old_item(invitation())
    del item["unifiedId"]
    found = to_interview(Takehome.from_raw_data(item | {"attempts": {"S": "many"}}), None)
    assert (found.legacy_attributes, found.attempts) == ({"attempts": {"S": "many"}}, 0)
