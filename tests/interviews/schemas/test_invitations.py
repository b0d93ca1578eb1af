"""The validation of invitations."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation

GOOD = {"candidateName": "Ada", "challenge": "word-count"}
NOW = datetime(2030, 5, 4, 9, 30, tzinfo=UTC)


def errors(schema=TakeHomeInvitation, **fields):
    with pytest.raises(ValidationError) as raised:
        schema.model_validate(GOOD | fields)
    return raised.value.errors()


def wrong_fields(**fields):
    return [error["loc"] for error in errors(**fields)]


def sentence(schema=TakeHomeInvitation, **fields):
    """What is wrong with the one wrong field."""
    [error] = errors(schema, **fields)
    return str(error["ctx"]["error"])


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


@pytest.mark.parametrize(
    "email", ["ada@example.com", " ada@münchen.example ", "a" * 64 + "@b.example"]
)
def test_valid_address_is_kept_without_spaces_around_it(email):
    assert TakeHomeInvitation(**GOOD, candidateEmail=email).candidate_email == email.strip()


@pytest.mark.parametrize("email", ["", "  ", None])
def test_address_may_be_left_out_without_an_email(email):
    assert TakeHomeInvitation(**GOOD, candidateEmail=email).candidate_email is None


@pytest.mark.parametrize(
    "email",
    [
        "ada",
        "ada@",
        "äda@example.com",
        '"a da"@example.com',
        '"a\tda"@example.com',
        "ä@b@c.example",
    ],
)
def test_address_that_mail_servers_refuse_is_refused(email):
    assert sentence(candidateEmail=email) == "Enter an email address such as ada@example.com."


def test_address_has_254_characters_at_most():
    longest = "a" * 59 + "@" + ".".join(["b" * 63] * 3) + ".cc"
    assert TakeHomeInvitation(**GOOD, candidateEmail=longest).candidate_email == longest
    assert len(longest) == 254
    assert (
        sentence(candidateEmail="a" + longest)
        == "Enter an email address of 254 characters or fewer."
    )


@pytest.mark.parametrize("email", [None, "", " "])
def test_email_cannot_be_sent_without_an_address(email):
    assert (
        sentence(sendEmail=True, candidateEmail=email)
        == "Enter the candidate's email address to send an email."
    )
    invitation = TakeHomeInvitation(**GOOD, sendEmail=True, candidateEmail="ada@example.com")
    assert invitation.send_email is True


def test_fields_that_a_form_sends_empty_have_their_defaults():
    invitation = TakeHomeInvitation(**GOOD, sendEmail="", timeZone="")
    assert (invitation.send_email, invitation.time_zone) == (False, "UTC")


def test_zone_that_the_browser_made_up_is_utc():
    assert TakeHomeInvitation(**GOOD, timeZone="Etc/Unknown").time_zone == "UTC"


def test_zone_must_be_known():
    assert TakeHomeInvitation(**GOOD, timeZone="Europe/Berlin").time_zone == "Europe/Berlin"
    for name in ("Berlin", "europe/berlin", "../UTC"):
        assert sentence(timeZone=name) == "Enter a time zone such as Europe/Berlin."


@pytest.mark.parametrize("at", [0, 1893456000, 1.5, True, "1893456000", " 1893456000 "])
def test_number_is_no_time(at):
    assert sentence(LiveInvitation, scheduledAt=at) == (
        "Enter a date and time such as 2030-05-04T09:30:00+02:00."
    )


def test_interview_is_scheduled_from_the_next_second_to_a_year_ahead():
    latest = NOW + timedelta(days=366)
    with time_machine.travel(NOW, tick=False):
        for at in (NOW + timedelta(seconds=1.9), latest):
            invitation = LiveInvitation(**GOOD, scheduledAt=at.isoformat())
            assert invitation.scheduled_at == at.replace(microsecond=0)
        assert sentence(LiveInvitation, scheduledAt=NOW.isoformat()) == (
            "Enter a time in the future."
        )
        later = latest + timedelta(seconds=1)
        assert sentence(LiveInvitation, scheduledAt=later.isoformat()) == (
            "Enter a time within the next 366 days."
        )
