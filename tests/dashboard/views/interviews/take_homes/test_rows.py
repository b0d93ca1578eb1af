"""A row of the list in each state of its test."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from interviews.dynamodb import now
from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions
from tests.conftest import fresh
from tests.dashboard.html import soup


def buttons(interview: Interview, client: Client, tab: str = "take-home") -> list[str]:
    page = soup(client.get(f"/interviews/{interview.id}/row/?tab={tab}"))
    return [str(each.find(string=True)) for each in page.select(".cell-actions button")]


def test_row_alone_is_the_row_of_the_list(staff_client: Client, running: Interview) -> None:
    page = soup(staff_client.get("/")).select_one("#rows tr")
    row = soup(staff_client.get(f"/interviews/{running.id}/row/?tab=take-home")).select_one("tr")
    assert str(row) == str(page)


def test_row_shows_credentials_of_a_running_workspace_only(
    staff_client: Client, running: Interview
) -> None:
    row = soup(staff_client.get("/")).select_one("#rows tr")
    assert row is not None
    access = {
        each.dt.get_text(): each.dd.find(["a", "code"]).get_text()
        for each in row.select(".access div")
    }
    assert access == {"Password": "••••••••"}
    assert str(running.password) not in row.decode()
    opens = row.select_one(".workspace a")
    assert (opens["title"], opens["href"]) == (
        running.access_url,
        f"/interviews/{running.id}/open/",
    )
    assert row.select_one("[data-until]")["data-until"] == str(
        int(running.auto_destroy_at.timestamp())
    )


def test_row_of_a_test_that_is_saved_says_when_it_ended_and_no_deadline_to_start(
    staff_client: Client, running: Interview
) -> None:
    deadline = f"{running.valid_until:%Y-%m-%dT%H:%M}"
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    cell = soup(staff_client.get("/")).select_one("#rows .cell-when")
    ended_at = fresh(running).timeline[-1].at
    assert [each["datetime"] for each in cell.select("time")] == [
        ended_at.isoformat(),
        running.activated_at.isoformat(),
    ]
    assert cell.get_text().split()[0] == "Ended"
    assert deadline not in str(cell)


@pytest.mark.parametrize(
    "status", ["activated", "initializing", "configuring", "error", "destroying"]
)
def test_row_of_any_other_state_shows_no_credentials(
    staff_client: Client, in_state: Callable[..., Interview], status: str
) -> None:
    """Even if the database row still has them."""
    in_state(status, access_url="http://127.0.0.1:9/secret/", password="pass-word-word")
    text = staff_client.get("/").content.decode()
    assert "127.0.0.1:9" not in text
    assert "pass-word-word" not in text


@pytest.mark.parametrize(
    ("status", "badge", "wanted"),
    [
        ("available", "Invited", ["Edit invitation", "Extend time", "Activity log", "Withdraw"]),
        ("activated", "Starting", ["Extend time", "Activity log", "Withdraw"]),
        ("initializing", "Starting", ["Extend time", "Activity log", "Withdraw"]),
        ("configuring", "Starting", ["Extend time", "Activity log", "Withdraw"]),
        ("active", "In progress", ["Extend time", "Activity log", "Stop now"]),
        ("error", "Failed", ["Try again", "Extend time", "Activity log", "Withdraw"]),
        ("destroying", "Saving", ["Activity log"]),
    ],
)
def test_row_has_the_badge_and_the_buttons_of_its_state(
    staff_client: Client,
    in_state: Callable[..., Interview],
    status: str,
    badge: str,
    wanted: list[str],
) -> None:
    interview = in_state(status, auto_destroy_at=now() + timedelta(hours=1))
    row = soup(staff_client.get("/")).select_one("#rows tr")
    assert row.select_one(".badge").get_text() == badge
    assert buttons(interview, staff_client) == wanted


@pytest.mark.parametrize("status", ["error", "destroying"])
def test_row_says_what_is_wrong(
    staff_client: Client, in_state: Callable[..., Interview], status: str
) -> None:
    in_state(status, problem="The disk is full.", failed_step="save")
    row = soup(staff_client.get("/")).select_one("#rows tr")
    assert row.select_one(".problem").get_text() == "The disk is full."
    assert row["data-group"] == "attention"


def test_end_without_saving_is_offered_once_saving_failed(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    failing = in_state("destroying", problem="No disk.", failed_step="save")
    assert buttons(failing, staff_client) == ["Stop without saving", "Activity log"]
    given_up = in_state("destroying", problem="No disk.", failed_step="save", save_files=False)
    assert buttons(given_up, staff_client) == ["Activity log"]
    elsewhere = in_state("destroying", problem="No engine.", failed_step="destroy")
    assert buttons(elsewhere, staff_client) == ["Activity log"]


def test_row_that_left_the_tab_says_where_it_is(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    interview = in_state("completed", completed_at=now(), end_reason="submitted")
    page = soup(staff_client.get(f"/interviews/{interview.id}/row/?tab=take-home"))
    assert page.select_one("tr") is None
    assert " ".join(page.select_one("[data-left]").get_text().split()) == (
        "Ada: Submitted. See History."
    )
    assert [link["href"] for link in page.select("[data-left] a")] == [
        f"/interviews/{interview.id}/",
        "/history/",
    ]


def test_row_tells_the_whole_length_and_what_was_given(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    interview = invite(duration_minutes=60, allowance_percent=25)
    actions.extend(interview, 10, by="recruiter")
    row = soup(staff_client.get("/")).select_one("#rows .cell-challenge .sub")
    assert " ".join(row.get_text().split()) == "1 h 25 min (25% extra time, +10 min)"


def test_row_says_that_the_clock_stands_still(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    in_state(
        "active", auto_destroy_at=now() + timedelta(hours=1), paused_at=now(), paused_left=1801
    )
    cell = soup(staff_client.get("/")).select_one("#rows .cell-status")
    assert cell.select_one(".left").get_text() == "31 min left"
    assert "The clock is paused" in cell.select_one(".problem").get_text()
    assert cell.select("[data-until]") == []
