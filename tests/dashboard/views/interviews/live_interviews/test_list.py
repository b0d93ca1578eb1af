"""The list of live interviews, and what it passes on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from interviews.dynamodb import now
from interviews.models import Interview
from interviews.pagination import by_start
from operations import actions
from operations.worker import runner
from tests.conftest import fresh
from tests.dashboard.html import soup


def row_of(staff_client: Client) -> Any:
    return soup(staff_client.get("/live/")).select_one("#rows tr[data-interview]")


def secret_of(client: Client, interview: Interview, what: str = "password") -> str:
    """What a button of the row fetches."""
    given = {"what": what, "purpose": "show"}
    return client.post(f"/interviews/{interview.id}/secret/", given).content.decode()


def passed_on(row: Any) -> dict[str, str]:
    """The texts that the cell's copy buttons copy, by their names."""
    return {
        button["data-copied"]: button["data-copy"]
        for button in row.select(".cell-pass [data-copy]")
    }


def test_list_shows_open_live_interviews_by_their_start_in_sections(
    staff_client: Client,
    schedule: Callable[..., Interview],
    live_in_state: Callable[..., Interview],
    take_home: Interview,
) -> None:
    for hours, name in ((48, "In two days"), (2, "In two hours"), (3, "In three hours")):
        schedule(candidate_name=name, scheduled_at=now() + timedelta(hours=hours))
    live_in_state(
        "active",
        candidate_name="Running",
        scheduled_at=now() - timedelta(minutes=5),
        auto_destroy_at=now() + timedelta(hours=1),
    )
    actions.revoke(schedule(candidate_name="Called off"), by="recruiter")
    rows = soup(staff_client.get("/live/")).select("#rows tr")
    assert [" ".join((row.bdi or row).get_text().split()) for row in rows] == [
        "Now",
        "Running",
        "Next 24 hours",
        "In two hours",
        "In three hours",
        "Later",
        "In two days",
    ]


def test_all_that_have_begun_are_on_the_first_page(schedule: Callable[..., Interview]) -> None:
    begun = {schedule(scheduled_at=None).id for _ in range(3)}
    assert {row.id for row in by_start.live_page(size=2).items} == begun


def test_later_interviews_are_on_the_next_page(
    staff_client: Client, schedule: Callable[..., Interview]
) -> None:
    for days in (3, 1, 2):
        schedule(candidate_name=f"Day {days}", scheduled_at=now() + timedelta(days=days))
    first = by_start.live_page(size=2)
    assert [each.candidate_name for each in first.items] == ["Day 1", "Day 2"]
    page = soup(staff_client.get(f"/live/?cursor={first.next}"))
    assert [each.get_text() for each in page.select("#rows bdi")] == ["Day 3"]
    assert page.select_one(".pager a")["href"] == "/live/"


@pytest.mark.parametrize("cursor", ["abc", "%00", "W10", "e30x", "WyJpZCIsICJzb29uIl0", "x" * 5000])
def test_bad_cursor_leads_to_the_earliest(staff_client: Client, tables: None, cursor: str) -> None:
    response = staff_client.get(f"/live/?cursor={cursor}")
    assert (response.status_code, response["Location"]) == (302, "/live/")


def test_link_and_password_are_shown_from_the_moment_of_scheduling(
    staff_client: Client, regular: Interview
) -> None:
    assert passed_on(row_of(staff_client)) == {
        "Link copied.": f"http://testserver/interview/{regular.passcode}/",
    }
    assert secret_of(staff_client, regular) == regular.password


def test_both_can_be_copied_as_a_message(staff_client: Client, regular: Interview) -> None:
    button = row_of(staff_client).select_one("[data-what=message]")
    assert button["data-secret"] == f"/interviews/{regular.id}/secret/"
    message = secret_of(staff_client, regular, "message")
    assert f"http://testserver/interview/{regular.passcode}/" in message
    assert str(regular.password) in message
    assert f"{regular.scheduled_at:%H:%M} UTC" in message


def test_candidate_is_told_the_time_in_the_zone_that_it_was_chosen_in(
    staff_client: Client, regular: Interview
) -> None:
    regular.change(time_zone="Asia/Kolkata")
    there = regular.scheduled_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert f"{there:%H:%M} (Asia/Kolkata, UTC+05:30)" in row_of(staff_client).get_text()


@pytest.mark.parametrize("status", ["activated", "initializing", "configuring", "active", "error"])
def test_link_and_password_stay_until_it_ends(
    staff_client: Client, live_in_state: Callable[..., Interview], status: str
) -> None:
    interview = live_in_state(status, auto_destroy_at=now() + timedelta(hours=1))
    assert row_of(staff_client).select_one("[data-masked]") is not None
    assert secret_of(staff_client, interview) == interview.password


def test_link_and_password_are_gone_once_it_ends(
    staff_client: Client, live_in_state: Callable[..., Interview]
) -> None:
    interview = live_in_state("destroying")
    assert row_of(staff_client).select("[data-masked]") == []
    given = {"what": "password", "purpose": "show"}
    assert staff_client.post(f"/interviews/{interview.id}/secret/", given).status_code == 404


def test_workspace_has_the_link_password_that_was_shown(
    staff_client: Client, schedule: Callable[..., Interview], engine: Any
) -> None:
    interview = schedule()
    shown = secret_of(staff_client, interview)
    runner.run_operation(actions.activate(interview, by="schedule"))
    assert engine.passwords[interview.id] == shown
    row = row_of(staff_client)
    assert row["data-status"] == "active"
    workspace = row.select_one(".workspace a")
    assert workspace["href"] == f"/interviews/{interview.id}/open/"
    assert workspace["title"] == fresh(interview).access_url
    assert row.select_one("[data-until]")["data-until"] == str(
        int(fresh(interview).auto_destroy_at.timestamp())
    )


def test_when_is_an_instant_that_scripts_put_in_the_viewers_zone(
    staff_client: Client, regular: Interview
) -> None:
    cell = row_of(staff_client).select_one(".cell-when")
    assert cell.select_one("[data-when]")["datetime"] == regular.scheduled_at.isoformat()
    assert cell.select_one("[data-time=relative]")["datetime"] == regular.scheduled_at.isoformat()


@pytest.mark.parametrize(
    ("status", "badge", "wanted"),
    [
        (
            "scheduled",
            "Scheduled",
            [
                "Reschedule",
                "Edit interview",
                "Extend time",
                "Activity log",
                "Cancel interview",
            ],
        ),
        ("activated", "Starting", ["Extend time", "Activity log", "Cancel interview"]),
        ("initializing", "Starting", ["Extend time", "Activity log", "Cancel interview"]),
        ("configuring", "Starting", ["Extend time", "Activity log", "Cancel interview"]),
        ("active", "In progress", ["Extend time", "Activity log", "Stop now"]),
        ("error", "Failed", ["Try again", "Extend time", "Activity log", "Cancel interview"]),
        ("destroying", "Saving", ["Activity log"]),
    ],
)
def test_row_has_the_badge_and_the_buttons_of_its_state(
    staff_client: Client,
    live_in_state: Callable[..., Interview],
    status: str,
    badge: str,
    wanted: list[str],
) -> None:
    live_in_state(status, auto_destroy_at=now() + timedelta(hours=1))
    row = row_of(staff_client)
    buttons = [str(each.find(string=True)) for each in row.select(".cell-actions button")]
    assert (row.select_one(".badge").get_text(), buttons) == (badge, wanted)


def test_row_alone_is_the_row_of_the_list(staff_client: Client, regular: Interview) -> None:
    row = soup(staff_client.get(f"/interviews/{regular.id}/row/?tab=regular")).select_one("tr")
    assert str(row) == str(row_of(staff_client))


def test_row_that_left_says_where_it_is(staff_client: Client, regular: Interview) -> None:
    actions.revoke(regular, by="recruiter")
    page = soup(staff_client.get(f"/interviews/{regular.id}/row/?tab=regular"))
    said = " ".join(page.select_one("[data-left]").get_text().split())
    assert said == "Regular Rita: Cancelled. See History."


def test_refresh_of_the_list_is_the_list_of_the_page(
    staff_client: Client, regular: Interview
) -> None:
    page = soup(staff_client.get("/live/")).select_one("#list")
    part = soup(staff_client.get("/live/", headers={"HX-Request": "true"})).select_one("#list")
    del page["data-now"], part["data-now"]
    assert str(part) == str(page)


def test_bad_cursor_leads_to_the_newest(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/live/?cursor=abc")
    assert (response.status_code, response["Location"]) == (302, "/live/")
