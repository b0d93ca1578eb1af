"""Filters and the search of the history."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from dashboard.filters import history
from dashboard.filters.history import HistoryQuery
from interviews.attributes import LIVE
from interviews.lifecycle import FINAL
from interviews.models import Interview
from interviews.search import lookup
from tests.dashboard.html import soup
from tests.dashboard.views.interviews.history.reading import cells, names


def errors(response: Any) -> dict[str, str]:
    return {
        each["id"].removeprefix("id_").removesuffix("_error"): each.get_text()
        for each in soup(response).select(".field-error[id]")
    }


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("type=take-home", ["A", "B"]),
        ("type=regular", ["C", "D"]),
        ("status=completed", ["A", "C"]),
        ("status=cancelled&type=regular", ["D"]),
        ("status=expired&type=regular", []),
        ("from=2026-03-02&to=2026-03-03", ["B", "C"]),
        ("from=2026-03-02&to=2026-03-03&type=take-home&status=revoked", ["B"]),
        ("to=2026-03-01&zone=America/New_York", ["A", "B"]),
        ("from=2026-03-04&zone=Europe/Berlin", ["C", "D"]),
        ("type=&status=&from=&to=&zone=&q=", ["A", "B", "C", "D"]),
    ],
)
def test_filters_are_combined_at_will(
    staff_client: Client, ended: Callable[..., Interview], query: str, wanted: list[str]
) -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 3, day, hour, 30, tzinfo=UTC)

    ended(candidate_name="A", completed_at=at(1, 12))
    ended(candidate_name="B", completed_at=at(2, 3), status="revoked")
    ended(candidate_name="C", completed_at=at(3, 23), type=LIVE)
    ended(candidate_name="D", completed_at=at(4, 12), type=LIVE, status="cancelled")
    assert sorted(names(staff_client.get(f"/history/?{query}"))) == wanted


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        ("2026-03-29", "UTC", "2026-03-29T00:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00"),
        ("2026-07-01", "Europe/Berlin", "2026-06-30T22:00"),
        # Midnight is skipped: the day starts at one o'clock.
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00"),
        # Midnight comes twice: the day starts at the first.
        ("2026-11-01", "America/Havana", "2026-11-01T04:00"),
    ],
)
def test_day_begins_at_midnight_of_the_zone(day: str, zone: str, begins: str) -> None:
    query, wrong = HistoryQuery.read({"from": day, "to": day, "zone": zone})
    filters = query.filters(True)
    assert wrong == {}
    assert filters.since is not None
    assert filters.since.isoformat()[:16] == begins


def test_every_final_status_can_be_asked_for() -> None:
    assert set(history.STATUSES) == {status.value for status in FINAL}


def test_wrong_filters_are_said_at_their_fields_and_stay_there(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended()
    response = staff_client.get(
        "/history/",
        {"type": "x", "status": "active", "from": "2026-02-30", "to": "0001-01-01", "q": "<b>"},
    )
    assert response.status_code == 422
    assert errors(response) == {
        "type": "Choose one of: take-home, regular.",
        "status": "Choose one of: completed, expired, revoked, cancelled.",
        "from": "Enter a date such as 2030-03-31.",
        "to": "Enter a date such as 2030-03-31.",
    }
    assert names(response) == []
    assert soup(response).select_one("#id_q")["value"] == "<b>"


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("from=2026-03-02&to=2026-03-01", "to", "The last day can't be before the first."),
        (f"q={'x' * 301}", "q", "Enter 300 characters or fewer."),
    ],
)
def test_wrong_field_has_a_sentence(
    staff_client: Client, tables: None, query: str, field: str, sentence: str
) -> None:
    assert errors(staff_client.get(f"/history/?{query}")) == {field: sentence}


def test_zone_that_the_browser_made_up_is_utc(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/history/?from=2026-03-04&zone=Etc/Unknown")
    assert response.status_code == 200
    assert "Days are in the time zone UTC." in soup(response).select_one("form.search").get_text()


def test_unknown_zone_has_a_sentence(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/history/?zone=Nowhere/City")
    note = soup(response).select_one(".search-note")
    assert response.status_code == 422
    assert note.get_text() == "Time zone: Enter a time zone such as Europe/Berlin."


def test_refresh_of_a_page_with_wrong_filters_does_not_fail(
    staff_client: Client, tables: None
) -> None:
    """An error would make the page retry forever."""
    assert staff_client.get("/history/?type=x", headers={"HX-Request": "true"}).status_code == 200


def test_search_finds_open_and_ended_by_candidate_challenge_id_and_passcode(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended(9, candidate_name="Zoë Over", passcode="ABCD2345")
    ended(5, candidate_name="Zoe Open", status="scheduled", completed_at=None, type=LIVE)
    ended(candidate_name="Grace")
    for query, wanted in {
        "zoe": ["Zoe Open", "Zoë Over"],
        "ZOË ov": ["Zoë Over"],
        "word": ["Grace", "Zoe Open", "Zoë Over"],
        "i-000": ["Zoë Over"],
        "abcd2345": ["Zoë Over"],
        "zoe&type=regular": ["Zoe Open"],
        "zoe&status=completed": ["Zoë Over"],
        "zoe nobody": [],
    }.items():
        assert names(staff_client.get(f"/history/?q={query}")) == wanted, query


def test_search_says_the_status_of_what_is_open_and_offers_no_deletion(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended(status="active", completed_at=None)
    page = staff_client.get("/history/?q=ada")
    assert (cells(page)["Status"], cells(page)["Ended"]) == ("In progress", "Not ended")
    asked = [str(each["data-ask"]) for each in soup(page).select("#rows [data-ask]")]
    assert [each.split("/")[-2] for each in asked] == ["extend", "end"]


def test_history_is_paged_by_fifty_and_keeps_its_filters(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    for number in range(52):
        ended(number, candidate_name=f"Candidate {number}")
    first = staff_client.get("/history/?type=take-home")
    older = str(soup(first).select_one("a[rel=next]")["href"])
    second = staff_client.get(older)
    assert older.startswith("/history/?type=take-home&cursor=")
    assert names(first) + names(second) == [f"Candidate {number}" for number in range(52)]
    assert len(names(first)) == 50
    assert soup(second).select_one("a[rel=next]") is None
    assert soup(second).select_one(".pager a")["href"] == "/history/?type=take-home"


def test_search_that_stopped_reading_offers_to_look_further(
    staff_client: Client, ended: Callable[..., Interview], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "MAX_ROUNDS", 1)
    ended(99, candidate_name="Ada Revoked", status="revoked")
    for number in range(50):
        ended(number)
    page = staff_client.get("/history/?q=ada&status=revoked")
    empty = soup(page).select_one("[data-empty]:not([hidden])")
    assert empty.h2.get_text() == "No results so far"
    assert names(staff_client.get(str(empty.a["href"]))) == ["Ada Revoked"]


@pytest.mark.parametrize("cursor", ["abc", "%00", "W10", "e30x", "x" * 5000])
def test_bad_cursor_leads_to_the_newest(staff_client: Client, tables: None, cursor: str) -> None:
    response = staff_client.get(f"/history/?type=regular&cursor={cursor}")
    assert (response.status_code, response["Location"]) == (302, "/history/?type=regular")


def test_old_address_of_ended_tests_leads_to_their_history(
    staff_client: Client, tables: None
) -> None:
    response = staff_client.get("/ended/")
    assert (response.status_code, response["Location"]) == (302, "/history/?type=take-home")
