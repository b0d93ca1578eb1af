"""The form of a live interview: what it asks, takes and refuses."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from interviews.challenges.models import Challenge
from tests.dashboard.html import soup
from tests.dashboard.views.interviews.live_create.form import FORM, created, errors, post


def test_create_schedules_what_was_asked_for(staff_client: Client, challenge: Challenge) -> None:
    assert post(staff_client).status_code == 200
    [interview] = created()
    assert (
        interview.type,
        interview.status,
        interview.candidate_name,
        interview.challenge,
        interview.duration_minutes,
        interview.save_files,
        interview.created_by,
        interview.scheduled_at,
    ) == (
        "regular",
        "scheduled",
        "Ada Lovelace",
        "word-count",
        90,
        True,
        "recruiter",
        datetime(2026, 7, 1, 9, 30, tzinfo=ZoneInfo("Europe/Berlin")),
    )


def test_create_answers_with_what_is_passed_on(staff_client: Client, challenge: Challenge) -> None:
    response = post(staff_client)
    [interview] = created()
    page = soup(response)
    link = f"http://testserver/interview/{interview.passcode}/"
    assert page.select_one("#created-link").get_text() == link
    assert page.select_one("#created-password").get_text() == interview.password
    message = page.select_one("#created-message").get_text()
    assert [text in message for text in (link, str(interview.password))] == [True, True]
    assert json.loads(response["HX-Trigger"]) == {
        "interview-changed": {"interviewId": interview.id, "done": ""}
    }


def test_create_now_starts_at_once(
    staff_client: Client, challenge: Challenge, enqueued: list[Any]
) -> None:
    """Regardless of the fields for a later start."""
    assert post(staff_client, when="now", at="nonsense", zone="Mars").status_code == 200
    [interview] = created()
    assert (interview.status, interview.scheduled_at, len(enqueued)) == ("activated", None, 1)


def test_create_without_saving(staff_client: Client, challenge: Challenge) -> None:
    post(staff_client, save_files="absent")
    assert [interview.save_files for interview in created()] == [False]


def test_create_takes_a_duration_of_ones_own(staff_client: Client, challenge: Challenge) -> None:
    post(staff_client, duration_minutes="custom", custom_minutes="75")
    assert [interview.duration_minutes for interview in created()] == [75]


def test_create_months_ahead(staff_client: Client, challenge: Challenge) -> None:
    assert post(staff_client, at="2027-02-28T09:30").status_code == 200
    assert [each.scheduled_at for each in created()] == [datetime(2027, 2, 28, 8, 30, tzinfo=UTC)]


SKIPPED = (
    "On 29 Mar 2026, clocks in Europe/Berlin go forward from 02:00 to 03:00, so 02:30 doesn't "
    "exist. The next valid time is 03:00."
)
TWICE = (
    "On 25 Oct 2026, clocks in Europe/Berlin go back from 03:00 to 02:00, so 02:30 occurs twice."
)
NO_ZONE = "Enter a time zone such as Europe/Berlin."
NO_TIME = "Enter a valid date and time."


@pytest.mark.parametrize(
    ("field", "value", "said_at", "sentence"),
    [
        ("candidate_name", " ", "candidate_name", "Enter the candidate's name."),
        ("challenge", "nope", "challenge", "This challenge isn't available. Choose another one."),
        ("at", "", "at", "Choose a date and time, or start now."),
        ("at", "soon", "at", NO_TIME),
        ("at", "2026-02-28T09:30", "at", "Enter a time in the future."),
        ("at", "2027-03-03T09:30", "at", "Enter a time within the next 366 days."),
        ("at", "9999-12-31T23:59", "at", "Enter a time within the next 366 days."),
        ("at", "2026-03-29T02:30", "at", SKIPPED),
        ("at", "2026-10-25T02:30", "second", TWICE),
        ("zone", "", "zone", NO_ZONE),
        ("zone", "Mars/Base", "zone", NO_ZONE),
        ("zone", "../../etc/passwd", "zone", NO_ZONE),
        ("when", "", "when", "Choose when it starts."),
        ("duration_minutes", "", "duration_minutes", "Enter a whole number."),
        ("duration_minutes", "1000000000", "duration_minutes", "Enter 480 or less."),
        ("duration_minutes", "custom", "custom_minutes", "Enter a whole number."),
    ],
)
def test_create_refuses_bad_input_beside_its_field(
    staff_client: Client, challenge: Challenge, field: str, value: str, said_at: str, sentence: str
) -> None:
    response = post(staff_client, **{field: value})
    assert (response.status_code, errors(response), created()) == (422, {said_at: sentence}, [])


def test_create_says_everything_that_is_wrong_at_once(
    staff_client: Client, challenge: Challenge
) -> None:
    response = post(staff_client, candidate_name="", zone="Mars", duration_minutes="0")
    assert set(errors(response)) == {"candidate_name", "zone", "duration_minutes"}


def test_time_that_comes_twice_is_chosen(staff_client: Client, challenge: Challenge) -> None:
    asked = soup(post(staff_client, at="2026-10-25T02:30"))
    choices = {
        each.input["value"]: " ".join(each.get_text().split())
        for each in asked.select(".field-second label")
    }
    assert choices == {
        "first": "The first 02:30 CEST (UTC+02:00)",
        "second": "The second 02:30 CET (UTC+01:00)",
    }
    for second in ("first", "second"):
        post(staff_client, at="2026-10-25T02:30", second=second, candidate_name=second)
    assert {each.candidate_name: each.scheduled_at for each in created()} == {
        "first": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        "second": datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    }


def test_choice_is_kept_when_something_else_is_wrong(
    staff_client: Client, challenge: Challenge
) -> None:
    page = soup(post(staff_client, at="2026-10-25T02:30", second="second", candidate_name=""))
    assert page.select_one("[name=second][checked]")["value"] == "second"


def test_create_keeps_what_was_typed(staff_client: Client, challenge: Challenge) -> None:
    page = soup(post(staff_client, zone="Mars/Base", save_files="absent"))
    names = ("candidate_name", "at", "zone")
    fields = {name: page.select_one(f"[name={name}]")["value"] for name in names}
    assert fields == {
        "candidate_name": "Ada Lovelace",
        "at": "2026-07-01T09:30",
        "zone": "Mars/Base",
    }
    assert page.select_one("[name=duration_minutes] [selected]")["value"] == "90"
    assert page.select_one("[name=when][checked]")["value"] == "later"
    assert page.select("[name=save_files][checked]") == []
    # A script would replace it by the viewer's own zone.
    assert page.select("[data-viewer-zone]") == []


def test_create_without_scripts_is_a_page(staff_client: Client, challenge: Challenge) -> None:
    wrong = staff_client.post("/live/create/", FORM | {"candidate_name": ""})
    assert (wrong.status_code, errors(wrong)) == (
        422,
        {"candidate_name": "Enter the candidate's name."},
    )
    assert staff_client.post("/live/create/", FORM)["Location"] == "/live/"
    assert len(created()) == 1


def test_form_offers_what_the_rule_allows(staff_client: Client, challenge: Challenge) -> None:
    page = soup(staff_client.get("/live/create/form/"))
    assert [each["value"] for each in page.select("[name=duration_minutes] option")] == (
        ["30", "45", "60", "90", "120", "180", "240", "custom"]
    )
    assert page.select_one("[name=duration_minutes] [selected]")["value"] == "60"
    assert page.select_one("[name=zone]")["value"] == "UTC"
    assert len(page.select("[name=save_files][checked]")) == 1


def test_page_offers_the_zones_of_the_world(staff_client: Client, challenge: Challenge) -> None:
    zones = [each["value"] for each in soup(staff_client.get("/live/")).select("#zones option")]
    assert zones[0] == "UTC"
    assert {"Europe/Berlin", "Asia/Kolkata", "America/New_York"} - set(zones) == set()


@pytest.mark.parametrize("name", ["李小龍", "محمد", 'O\'Neil "Bob"', "<b>x</b>"])
def test_create_takes_names_of_any_script(
    staff_client: Client, challenge: Challenge, name: str
) -> None:
    post(staff_client, candidate_name=name)
    assert [interview.candidate_name for interview in created()] == [name]
    assert soup(staff_client.get("/live/")).select_one("#rows .name bdi").get_text() == name


def test_create_needs_the_csrf_token(staff: Any, challenge: Challenge) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    assert strict.post("/live/create/", FORM).status_code == 403
    assert created() == []
