"""Time zones that a browser and the server see differently, and interviewers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from interviews.challenges.models import Challenge
from interviews.local_time import zone_data
from tests.dashboard.html import soup
from tests.dashboard.views.interviews.live_create.form import created, errors, post

DISPUTED = (
    "Your browser and this server disagree about the time in Europe/Berlin on that day, as its "
    "clock rules changed recently. Choose the time you mean."
)
THERE, HERE = "2026-07-01T08:30Z", "2026-07-01T07:30Z"


@pytest.mark.parametrize("offset", ["", "120", "120,60"])
def test_the_browser_agrees_or_does_not_say(
    staff_client: Client, challenge: Challenge, offset: str
) -> None:
    assert post(staff_client, offset=offset).status_code == 200
    [interview] = created()
    assert interview.scheduled_at == datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
    assert (interview.scheduled_local, interview.declined_reading) == ("2026-07-01T09:30", None)


def test_a_browser_with_other_zone_data_is_asked_which_time_is_meant(
    staff_client: Client, challenge: Challenge
) -> None:
    response = post(staff_client, offset="60")
    assert response.status_code == 422
    assert errors(response) == {"reading": DISPUTED}
    options = {
        each.input["value"]: each.get_text().strip()
        for each in soup(response).select(".field-reading label")
    }
    version = zone_data.VERSION
    assert options == {
        THERE: "09:30 (UTC+01:00), which is 08:30 UTC, according to your browser",
        HERE: (
            f"09:30 (UTC+02:00), which is 07:30 UTC, according to this server (zone data {version})"
        ),
    }
    assert created() == []


def test_the_time_that_is_meant_is_planned(staff_client: Client, challenge: Challenge) -> None:
    for reading in (THERE, HERE):
        post(staff_client, offset="60", reading=reading, candidate_name=reading)
    found = {
        each.candidate_name: (each.scheduled_at, each.scheduled_local, each.declined_reading)
        for each in created()
    }
    there, here = (datetime(2026, 7, 1, hour, 30, tzinfo=UTC) for hour in (8, 7))
    said = "2026-07-01T09:30"
    assert found == {THERE: (there, said, here), HERE: (here, said, None)}


@pytest.mark.parametrize("reading", ["2026-07-02T08:30Z", "browser", ""])
def test_a_choice_between_other_times_does_not_count(
    staff_client: Client, challenge: Challenge, reading: str
) -> None:
    assert errors(post(staff_client, offset="60", reading=reading)) == {"reading": DISPUTED}
    assert created() == []


@pytest.mark.parametrize("offset", ["soon", "961", "-961,60", "60,", "1" * 5000])
def test_an_offset_that_cannot_be_is_said_at_the_top(
    staff_client: Client, challenge: Challenge, offset: str
) -> None:
    response = post(staff_client, offset=offset)
    assert response.status_code == 422
    top = soup(response).select(".message-bad")
    assert [each.get_text() for each in top] == [
        "Offset from UTC: Enter minutes from UTC, such as -360."
    ]
    assert created() == []


@pytest.mark.parametrize("when", ["now", "later"])
def test_a_zone_that_the_browser_made_up_is_utc(
    staff_client: Client, challenge: Challenge, when: str
) -> None:
    assert post(staff_client, when=when, zone="Etc/Unknown").status_code == 200
    assert [each.time_zone for each in created()] == ["UTC"]


def test_interviewers_are_read_from_commas_and_lines(
    staff_client: Client, challenge: Challenge
) -> None:
    User.objects.create_user("mary", email="mary@example.com")
    text = "mary, Grace Hopper <grace@example.com>;\r\njoan@example.com,,JOAN@example.com\n"
    response = post(staff_client, interviewers=text)
    [interview] = created()
    assert interview.interviewers == ["mary@example.com", "grace@example.com", "joan@example.com"]
    # Without e-mail nothing is on its way.
    assert "mary@example.com" not in response.content.decode()


def test_dialog_says_who_gets_the_entry(
    staff_client: Client, challenge: Challenge, settings: Any
) -> None:
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    response = post(staff_client, interviewers="mary@example.com, joan@example.com")
    said = " ".join(soup(response).get_text().split())
    assert "The calendar invitation is on its way to mary@example.com, joan@example.com." in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nobody", "There is no active account “nobody”."),
        ("Joan <joan@>", "“joan@” isn't a valid email address."),
    ],
)
def test_wrong_interviewer_is_named_and_what_was_typed_stays(
    staff_client: Client, challenge: Challenge, text: str, message: str
) -> None:
    response = post(staff_client, interviewers=text)
    assert response.status_code == 422
    assert errors(response)["interviewers"].startswith(message.removesuffix("."))
    assert soup(response).select_one("#id_interviewers").get_text().strip() == text
    assert created() == []


@pytest.mark.parametrize(
    ("is_on", "said"), [(True, "They get a calendar invitation by email"), (False, "isn't set up")]
)
def test_help_says_whether_interviewers_are_written_to(
    staff_client: Client, challenge: Challenge, settings: Any, is_on: bool, said: str
) -> None:
    settings.MAIL_IS_ON = is_on
    form = soup(staff_client.get("/live/create/form/"))
    assert said in form.select_one("#id_interviewers_helptext").get_text()
