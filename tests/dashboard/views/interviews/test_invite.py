"""/interviews/invite/: the API's rules, with errors at the fields."""

import json

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from interviews import queries
from interviews.challenges.models import Challenge
from interviews.models import Interview

FORM = {
    "candidate_name": "Ada Lovelace",
    "challenge": "word-count",
    "duration_minutes": "90",
    "custom_minutes": "",
    "valid_days": "3",
    "custom_instructions": "Bring tea.",
}
FRAGMENT = {"HX-Request": "true"}


def invited() -> list[Interview]:
    return queries.list_page("take-home").items


def errors(response) -> dict[str, str]:
    page = BeautifulSoup(response.content, "html.parser")
    return {
        each["id"].removeprefix("id_").removesuffix("_error"): each.get_text()
        for each in page.select(".field-error")
    }


def test_invite_creates_what_was_asked_for(staff_client: Client, challenge: Challenge) -> None:
    response = staff_client.post("/interviews/invite/", FORM, headers=FRAGMENT)
    assert response.status_code == 200
    [interview] = invited()
    assert (
        interview.candidate_name,
        interview.challenge,
        interview.duration_minutes,
        (interview.valid_until - interview.created_at).days,
        interview.custom_instructions,
        interview.created_by,
        interview.status,
    ) == ("Ada Lovelace", "word-count", 90, 3, "Bring tea.", "recruiter", "available")


def test_invite_answers_with_the_link_to_send(staff_client: Client, challenge: Challenge) -> None:
    response = staff_client.post("/interviews/invite/", FORM, headers=FRAGMENT)
    [interview] = invited()
    link = f"http://testserver/take-home/{interview.passcode}/"
    page = BeautifulSoup(response.content, "html.parser")
    assert page.select_one("#invited-link").get_text() == link
    assert page.select_one("[data-copy]")["data-copy"] == link
    assert json.loads(response["HX-Trigger"]) == {
        "interview-changed": {"interviewId": interview.id, "done": ""}
    }


@pytest.mark.parametrize(
    ("allowance", "expected"),
    [
        ({}, (None, 90)),
        ({"allowance_percent": "0"}, (None, 90)),
        ({"allowance_percent": "25"}, (25, 113)),
        ({"allowance_percent": "custom", "custom_percent": "33"}, (33, 120)),
    ],
)
def test_invite_gives_more_time_in_percent(
    staff_client: Client,
    challenge: Challenge,
    allowance: dict[str, str],
    expected: tuple[int | None, int],
) -> None:
    staff_client.post("/interviews/invite/", FORM | allowance, headers=FRAGMENT)
    [interview] = invited()
    minutes = interview.length.total_seconds() / 60
    assert (interview.allowance_percent, minutes) == expected


def test_invite_says_the_length_that_the_candidate_has(
    staff_client: Client, challenge: Challenge
) -> None:
    form = FORM | {"allowance_percent": "50"}
    response = staff_client.post("/interviews/invite/", form, headers=FRAGMENT)
    assert "Time limit: 2 h 15 min (50% extra time)." in response.content.decode()


def test_invite_takes_a_duration_of_ones_own(staff_client: Client, challenge: Challenge) -> None:
    form = FORM | {"duration_minutes": "custom", "custom_minutes": "2"}
    assert staff_client.post("/interviews/invite/", form, headers=FRAGMENT).status_code == 200
    assert [interview.duration_minutes for interview in invited()] == [2]


@pytest.mark.parametrize(
    ("field", "value", "said_at", "sentence"),
    [
        ("candidate_name", "", "candidate_name", "Enter the candidate's name."),
        ("candidate_name", "   ", "candidate_name", "Enter the candidate's name."),
        ("candidate_name", "x" * 10_000, "candidate_name", "Enter 200 characters or fewer."),
        ("candidate_name", "a\x00b", "candidate_name", "Control characters aren't allowed here."),
        ("challenge", "", "challenge", "Choose a challenge."),
        ("challenge", "nope", "challenge", "This challenge isn't available. Choose another one."),
        ("duration_minutes", "", "duration_minutes", "Enter a whole number."),
        ("duration_minutes", "abc", "duration_minutes", "Enter a whole number."),
        ("duration_minutes", "0", "duration_minutes", "Enter 1 or more."),
        ("duration_minutes", "-1", "duration_minutes", "Enter 1 or more."),
        ("duration_minutes", "1000000000", "duration_minutes", "Enter 480 or less."),
        ("duration_minutes", "custom", "custom_minutes", "Enter a whole number."),
        ("allowance_percent", "-1", "allowance_percent", "Enter 0 or more."),
        ("allowance_percent", "101", "allowance_percent", "Enter 100 or less."),
        ("allowance_percent", "custom", "custom_percent", "Enter a whole number."),
        ("valid_days", "0", "valid_days", "Enter 1 or more."),
        ("valid_days", "31", "valid_days", "Enter 30 or less."),
        ("valid_days", "1.5", "valid_days", "Enter a whole number."),
        (
            "custom_instructions",
            "x" * 5001,
            "custom_instructions",
            "Enter 5000 characters or fewer.",
        ),
    ],
)
def test_invite_refuses_bad_input_beside_its_field(
    staff_client: Client, challenge: Challenge, field: str, value: str, said_at: str, sentence: str
) -> None:
    response = staff_client.post("/interviews/invite/", FORM | {field: value}, headers=FRAGMENT)
    assert response.status_code == 422
    assert errors(response) == {said_at: sentence}
    assert invited() == []


def test_invite_keeps_what_was_typed(staff_client: Client, challenge: Challenge) -> None:
    form = FORM | {"valid_days": "99"}
    response = staff_client.post("/interviews/invite/", form, headers=FRAGMENT)
    page = BeautifulSoup(response.content, "html.parser")
    assert page.select_one("[name=candidate_name]")["value"] == "Ada Lovelace"
    assert page.select_one("[name=duration_minutes] [selected]")["value"] == "90"
    field = page.select_one("[name=valid_days]")
    assert (field["value"], field["aria-invalid"]) == ("99", "true")
    assert "id_valid_days_error" in field["aria-describedby"].split()


def test_invite_without_scripts_is_a_page(staff_client: Client, challenge: Challenge) -> None:
    wrong = staff_client.post("/interviews/invite/", FORM | {"candidate_name": ""})
    assert wrong.status_code == 422
    assert errors(wrong) == {"candidate_name": "Enter the candidate's name."}
    assert staff_client.post("/interviews/invite/", FORM)["Location"] == "/"
    assert len(invited()) == 1


@pytest.mark.parametrize("name", ["李小龍", "محمد", 'O\'Neil "Bob"', "$(reboot)", "<b>x</b>"])
def test_invite_takes_names_of_any_script(
    staff_client: Client, challenge: Challenge, name: str
) -> None:
    staff_client.post("/interviews/invite/", FORM | {"candidate_name": name}, headers=FRAGMENT)
    assert [interview.candidate_name for interview in invited()] == [name]


def test_invite_form_offers_what_the_rule_allows(
    staff_client: Client, challenge: Challenge
) -> None:
    page = BeautifulSoup(staff_client.get("/interviews/invite/form/").content, "html.parser")
    assert [each["value"] for each in page.select("[name=challenge] option")] == ["", "word-count"]
    assert [each["value"] for each in page.select("[name=duration_minutes] option")] == (
        ["30", "45", "60", "90", "120", "180", "240", "custom"]
    )
    assert page.select_one("[name=duration_minutes] [selected]")["value"] == "240"


def test_zone_that_the_browser_made_up_does_not_stop_the_invitation(
    staff_client: Client, challenge: Challenge
) -> None:
    form = FORM | {"zone": "Etc/Unknown"}
    assert staff_client.post("/interviews/invite/", form, headers=FRAGMENT).status_code == 200
    assert len(invited()) == 1


def test_error_of_the_hidden_zone_is_said_at_the_top(
    staff_client: Client, challenge: Challenge
) -> None:
    form = FORM | {"zone": "Mars/Base"}
    response = staff_client.post("/interviews/invite/", form, headers=FRAGMENT)
    assert response.status_code == 422
    page = BeautifulSoup(response.content, "html.parser")
    assert [each.get_text() for each in page.select(".message-bad")] == [
        "Time zone: Enter a time zone such as Europe/Berlin."
    ]
