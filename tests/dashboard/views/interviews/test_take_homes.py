"""/: the list of open take-home tests, its pages, and every status."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from dashboard.views.interviews import lists
from interviews.challenges import models
from interviews.dynamodb import now
from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions
from tests.conftest import fresh
from tests.dashboard.html import soup

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}$(rm -rf ~)`id`"


def names(response) -> list[str]:
    return [each.get_text() for each in soup(response).select("#rows .name bdi")]


def buttons(interview: Interview, client: Client, tab: str = "take-home") -> list[str]:
    page = soup(client.get(f"/interviews/{interview.id}/row/?tab={tab}"))
    return [str(each.find(string=True)) for each in page.select(".cell-actions button")]


def test_rows_are_in_the_language_of_each_reader(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    interview = invite()

    def labels(language: str) -> list[str]:
        page = soup(staff_client.get("/", headers={"Accept-Language": language}), 200)
        row = page.select_one(f"#row-{interview.id}")
        return [str(cell["data-label"]) for cell in row.select("[data-label]")]

    assert "Start by" in labels("en")
    assert "Start bis" in labels("de")
    assert "Start by" in labels("en")


def test_page_says_from_which_event_on_it_has_to_be_told(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch, invite: Callable[..., Interview]
) -> None:
    def position() -> str:
        # Whatever changes while the list is read comes after it.
        invite(candidate_name="Late")
        return "1700000000000-0"

    monkeypatch.setattr(lists, "settled_cursor", position)
    page = soup(staff_client.get("/"), 200)
    assert page.select_one("meta[name=event-cursor]")["content"] == "1700000000000-0"
    assert "Late" in page.select_one("#rows").get_text()
    monkeypatch.setattr(lists, "settled_cursor", lambda: pytest.fail("a part of it needs none"))
    part = soup(staff_client.get("/", headers={"HX-Request": "true"}), 200)
    assert part.select_one("meta[name=event-cursor]") is None
    monkeypatch.setattr(lists, "settled_cursor", lambda: "")
    assert soup(staff_client.get("/"), 200).select_one("meta[name=event-cursor]") is None


def test_list_shows_take_homes_newest_first(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    for age, name in ((3, "Oldest"), (1, "Newest"), (2, "Middle")):
        interview = invite(candidate_name=name)
        interview.created_at = now() - timedelta(minutes=age)
        interview.save()
    assert names(staff_client.get("/")) == ["Newest", "Middle", "Oldest"]


def test_row_has_the_email_that_the_page_is_searched_for(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    invite(candidate_email="grace@example.com")
    invite()
    cells = soup(staff_client.get("/")).select("#rows .cell-candidate")
    assert sorted(each.get("data-email", "") for each in cells) == ["", "grace@example.com"]


def test_list_has_no_regular_interview(
    staff_client: Client, take_home: Interview, regular: Interview
) -> None:
    assert names(staff_client.get("/")) == ["Ada"]


def test_ended_tests_are_in_the_history(
    staff_client: Client, invite: Callable[..., Interview], in_state: Callable[..., Interview]
) -> None:
    invite(candidate_name="Open")
    in_state("completed", candidate_name="Over", completed_at=now())
    page = staff_client.get("/")
    assert names(page) == ["Open"]
    assert (
        soup(page).select_one(".tabs a:not([aria-current])")["href"] == "/history/?type=take-home"
    )


def test_list_is_paged_by_fifty(staff_client: Client, invite: Callable[..., Interview]) -> None:
    for number in range(52):
        interview = invite(candidate_name=f"Candidate {number}")
        interview.created_at = now() - timedelta(minutes=number)
        interview.save()
    first = staff_client.get("/")
    older = soup(first).select_one("a[rel=next]")
    assert older is not None
    second = staff_client.get(f"/{older['href'].removeprefix('/')}")
    assert names(first) + names(second) == [f"Candidate {number}" for number in range(52)]
    assert len(names(first)) == 50
    assert soup(second).select_one("a[rel=next]") is None


@pytest.mark.parametrize("cursor", ["abc", "%00", "W10", "e30", "x" * 5000])
def test_bad_cursor_leads_to_the_newest(staff_client: Client, tables: None, cursor: str) -> None:
    response = staff_client.get(f"/?cursor={cursor}")
    assert (response.status_code, response["Location"]) == (302, "/")


def test_refresh_of_the_list_is_the_list_of_the_page(
    staff_client: Client, take_home: Interview
) -> None:
    page = soup(staff_client.get("/")).select_one("#list")
    part = soup(staff_client.get("/", headers={"HX-Request": "true"})).select_one("#list")
    assert page is not None
    assert part is not None
    del page["data-now"], part["data-now"]
    assert str(part) == str(page)


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


@pytest.mark.parametrize("tab", ["take-home-ended", "nonsense", "%00"])
def test_row_of_an_unknown_tab_is_not_found(
    staff_client: Client, take_home: Interview, tab: str
) -> None:
    assert staff_client.get(f"/interviews/{take_home.id}/row/?tab={tab}").status_code == 404


@pytest.mark.parametrize("interview_id", ["takehome-none", "x" * 3000, "%00", "' OR 1=1"])
def test_row_of_an_unknown_id_is_not_found(
    staff_client: Client, tables: None, interview_id: str
) -> None:
    assert staff_client.get(f"/interviews/{interview_id}/row/").status_code == 404


def test_hostile_name_is_text(staff_client: Client, invite: Callable[..., Interview]) -> None:
    interview = invite(candidate_name=HOSTILE)
    for address in (
        "/",
        f"/interviews/{interview.id}/revoke/",
        f"/interviews/{interview.id}/logs/",
    ):
        response = staff_client.get(address)
        assert "<script>alert" not in response.content.decode(), address
        assert HOSTILE in soup(response).get_text(), address


def test_pages_have_no_inline_script_or_style(staff_client: Client, running: Interview) -> None:
    for address in ("/", "/live/", f"/interviews/{running.id}/logs/", "/login/"):
        page = soup(staff_client.get(address, follow=True))
        assert [each for each in page.select("script") if not each.get("src")] == [], address
        assert page.select("style, [style], [onclick], [onload]") == [], address


def test_csp_allows_nothing_inline(staff_client: Client, tables: None) -> None:
    policy = staff_client.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_challenge_that_was_withdrawn_keeps_its_name(
    staff_client: Client, take_home: Interview, challenge: models.Challenge
) -> None:
    challenge.update(actions=[models.Challenge.is_active.set("false")])
    row = soup(staff_client.get("/")).select_one("#rows .cell-challenge span")
    assert row.get_text() == "Word count"


def test_empty_lists_say_what_to_do(staff_client: Client, tables: None) -> None:
    for address, words in (("/", "No open tests"), ("/live/", "No live interviews")):
        empty = soup(staff_client.get(address)).select_one("[data-empty]:not([hidden]) h2")
        assert empty.get_text() == words


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


def test_name_leads_to_the_page_of_the_test(staff_client: Client, take_home: Interview) -> None:
    assert (
        soup(staff_client.get("/")).select_one("a.name")["href"] == f"/interviews/{take_home.id}/"
    )


def test_address_of_the_ended_ones_leads_to_the_history(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/ended/")
    assert (response.status_code, response["Location"]) == (302, "/history/?type=take-home")
