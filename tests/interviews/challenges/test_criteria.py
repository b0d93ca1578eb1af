"""The criteria of a challenge: their rules, and their place in a version."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pydantic import ValidationError

from interviews.challenges import library, versions
from interviews.challenges.criteria import (
    MAX_CRITERIA,
    Criterion,
    default_criteria,
    parse_criteria,
)
from interviews.challenges.models import ChallengeDetails, Version

CRITERIA = (Criterion("Correctness", "It works.", 3), Criterion("Tests"))
FILES = {"README.md": b"# Sum"}


def test_criteria_are_parsed_in_their_order() -> None:
    values: list[dict[str, Any]] = [
        {"name": " Correctness ", "good": "It works.", "weight": "3"},
        {"name": "Tests"},
    ]
    assert parse_criteria(values) == CRITERIA


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ([{"name": ""}], (0, "name")),
        ([{"name": "a" * 81}], (0, "name")),
        ([{"name": "Tests"}, {"name": "x", "good": "a" * 501}], (1, "good")),
        ([{"name": "Tests", "weight": 6}], (0, "weight")),
        ([{"name": "Tests", "weight": 0}], (0, "weight")),
        ([{"name": "Tests"}, {"name": "tests"}], ()),
        ([{"name": f"c{n}"} for n in range(MAX_CRITERIA + 1)], ()),
    ],
)
def test_wrong_criteria_name_their_field(values: list[dict[str, Any]], place: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_criteria(values)
    assert caught.value.errors()[0]["loc"] == place


def test_the_common_set_is_valid() -> None:
    common = default_criteria()
    assert parse_criteria([each.__dict__ for each in common]) == common


@pytest.mark.usefixtures("tables")
def test_criteria_are_part_of_a_version() -> None:
    about = ChallengeDetails("Sum", "", "", 60, criteria=CRITERIA)
    versions.create_challenge("sum", about, FILES, by="ada")
    first = library.get_version("sum", None)
    assert first is not None
    assert first.about.criteria == CRITERIA
    assert versions.save_version("sum", about, FILES, base=1, by="ada").number == 1
    changed = replace(about, criteria=CRITERIA[:1])
    assert versions.save_version("sum", changed, FILES, base=1, by="ada").number == 2
    old = library.get_version("sum", 1)
    assert old is not None
    assert old.about.criteria == CRITERIA


@pytest.mark.usefixtures("tables")
def test_a_version_of_before_has_none() -> None:
    versions.create_challenge("sum", ChallengeDetails("Sum", "", "", 60), FILES, by="ada")
    row = Version.get("sum", 1)
    row.update(actions=[Version.criteria.remove()])
    assert Version.get("sum", 1).about.criteria == ()


@pytest.mark.usefixtures("tables")
def test_the_shipped_challenges_have_criteria() -> None:
    call_command("load_samples", stdout=StringIO())
    for challenge_id in ("room-booking", "settlement-check"):
        version = library.get_version(challenge_id, None)
        assert version is not None
        assert len(version.about.criteria) == 4
