"""The validation of invitations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from interviews.schemas import TakeHomeInvitation

GOOD = {"candidateName": "Ada", "challenge": "word-count"}


def wrong_fields(**fields):
    with pytest.raises(ValidationError) as raised:
        TakeHomeInvitation.model_validate(GOOD | fields)
    return [error["loc"] for error in raised.value.errors()]


def test_missing_fields_have_defaults():
    invitation = TakeHomeInvitation.model_validate(GOOD)
    assert invitation.model_dump() == {
        "candidate_name": "Ada",
        "challenge": "word-count",
        "duration_minutes": 240,
        "valid_days": 7,
        "custom_instructions": "",
        "allowance_percent": 0,
        "send_email": False,
        "candidate_email": None,
        "time_zone": "UTC",
    }


@pytest.mark.parametrize("duration", [0, -1, "abc", 10**9, 481, 1.5, None, "", [], True])
def test_invalid_duration_is_refused_by_field(duration):
    assert wrong_fields(durationMinutes=duration) == [("durationMinutes",)]


@pytest.mark.parametrize("days", [0, -1, "abc", 31, 10**9])
def test_invalid_validity_is_refused_by_field(days):
    assert wrong_fields(validDays=days) == [("validDays",)]


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 201, "x" * 10_000, None, 7, "a\x00b", "a\x1bb", "\u200b"]
)
def test_invalid_name_is_refused_by_field(name):
    assert wrong_fields(candidateName=name) == [("candidateName",)]


def test_line_break_counts_as_one_character():
    text = "line\r\n" * 1_000
    invitation = TakeHomeInvitation.model_validate(GOOD | {"customInstructions": text})
    assert invitation.custom_instructions == ("line\n" * 1_000).strip()


def test_instructions_have_a_limit():
    assert wrong_fields(customInstructions="x" * 5_001) == [("customInstructions",)]


@pytest.mark.parametrize(
    "name", ["Нина", "李小龍", 'O\'Brien "the" $(rm -rf /)', "<script>alert(1)</script>", "👩🏽‍💻"]
)
def test_name_in_any_script_is_kept(name):
    assert TakeHomeInvitation.model_validate(GOOD | {"candidateName": name}).candidate_name == name


@given(st.integers())
def test_durations_are_accepted_from_one_minute_to_eight_hours(minutes):
    try:
        TakeHomeInvitation.model_validate(GOOD | {"durationMinutes": minutes})
        accepted = True
    except ValidationError:
        accepted = False
    assert accepted is (1 <= minutes <= 480)
