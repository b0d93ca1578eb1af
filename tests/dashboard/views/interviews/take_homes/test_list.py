"""The list of take-home tests."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from dashboard.views.interviews import lists
from interviews.challenges import models
from interviews.dynamodb import now
from interviews.models import Interview
from tests.dashboard.html import soup

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}$(rm -rf ~)`id`"


def names(response) -> list[str]:
    return [each.get_text() for each in soup(response).select("#rows .name bdi")]


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


def test_name_leads_to_the_page_of_the_test(staff_client: Client, take_home: Interview) -> None:
    assert (
        soup(staff_client.get("/")).select_one("a.name")["href"] == f"/interviews/{take_home.id}/"
    )


def test_address_of_the_ended_ones_leads_to_the_history(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/ended/")
    assert (response.status_code, response["Location"]) == (302, "/history/?type=take-home")
