"""The filters and the order of the open take-home tests, which the address keeps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard.filters import take_homes
from dashboard.permissions.roles import REVIEWER
from interviews.dynamodb import now
from interviews.models import Interview
from operations.reviews import reviewers
from tests.conftest import fresh, member
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db


def names(response: Any) -> list[str]:
    return [each.get_text() for each in soup(response).select("#rows .name")]


@pytest.fixture
def three(invite: Callable[..., Interview], in_state: Callable[..., Interview]) -> None:
    """Grace is newest and expires first, Ada runs, and Linus is oldest."""
    for age, interview in (
        (1, invite(candidate_name="Grace", valid_days=1)),
        (2, in_state("active", candidate_name="Ada", auto_destroy_at=now() + timedelta(hours=1))),
        (3, invite(candidate_name="Linus", valid_days=9)),
    ):
        interview.created_at = now() - timedelta(minutes=age)
        interview.save()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Grace", "Ada", "Linus"]),
        ("sort=candidate", ["Ada", "Grace", "Linus"]),
        ("sort=deadline", ["Grace", "Linus", "Ada"]),
        ("sort=status", ["Ada", "Grace", "Linus"]),
        ("status=available", ["Grace", "Linus"]),
        ("status=active", ["Ada"]),
        ("status=starting", []),
        ("only=expiring", ["Grace"]),
        ("only=unopened", ["Grace", "Linus"]),
        ("by=recruiter", ["Grace", "Ada", "Linus"]),
        ("by=nobody", []),
        ("challenge=word-count&sort=candidate", ["Ada", "Grace", "Linus"]),
        ("challenge=other", []),
    ],
)
def test_list_is_filtered_and_sorted_by_its_address(
    staff_client: Client, three: None, query: str, expected: list[str]
) -> None:
    assert names(staff_client.get(f"/?{query}")) == expected


def test_order_by_candidate_tells_a_reviewer_no_hidden_name(
    client: Client, invite: Callable[..., Interview]
) -> None:
    for name in ("Mallory", "Ada", "Zoe", "Bob", "Quinn", "Dora"):
        invite(candidate_name=name)
    reviewers.change_settings("word-count", [], in_turn=0, hides_names=True)
    client.force_login(member("rita", REVIEWER))
    shown = names(client.get("/?sort=candidate"))
    assert len(shown) == 6
    assert shown == sorted(shown)
    assert all(name.startswith("Candidate ") for name in shown)


@pytest.mark.parametrize("query", ["sort=candidate", "sort=deadline", "sort=status"])
def test_rows_have_their_place_in_the_order_of_the_page(
    staff_client: Client, three: None, query: str
) -> None:
    page = soup(staff_client.get(f"/?{query}"))
    assert page.select_one("#list")["data-ascending"] == "yes"
    orders = [str(row["data-order"]) for row in page.select("#rows tr")]
    places = [int(each) if each.isdecimal() else each for each in orders]
    assert places == sorted(places)
    row = page.select_one("#rows tr")
    alone = staff_client.get(f"/interviews/{row['data-interview']}/row/?tab=take-home&{query}")
    assert soup(alone).tr["data-order"] == row["data-order"]


def test_row_that_no_longer_fits_the_filters_leaves_the_page(
    staff_client: Client, take_home: Interview
) -> None:
    row = f"/interviews/{take_home.id}/row/?tab=take-home&only=unopened"
    assert soup(staff_client.get(row)).tr is not None
    take_home.record_opened()
    left = soup(staff_client.get(row))
    assert left.tr is None
    assert left.select_one("[data-left]").get_text().startswith("Ada: Invited.")


def test_unknown_choice_is_told_at_its_field_and_ignored(staff_client: Client, three: None) -> None:
    page = soup(staff_client.get("/?sort=height&status=active"))
    assert page.select_one("#filter-sort-error").get_text().startswith("Choose one of: deadline")
    assert [each.get_text() for each in page.select("#rows .name")] == ["Ada"]


def test_pages_keep_the_filters_and_say_how_far_they_looked(
    staff_client: Client, three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_homes, "MAX_SCANNED", 2)
    monkeypatch.setattr(take_homes, "READ_AT_ONCE", 2)
    page = soup(staff_client.get("/?sort=candidate"))
    assert [each.get_text() for each in page.select("#rows .name")] == ["Ada", "Grace"]
    assert "Sorted among 2 open tests at a time" in page.select_one(".list-note").get_text()
    older = str(page.select_one("[rel=next]")["href"])
    assert older.startswith("/?sort=candidate&cursor=")
    assert names(staff_client.get(older)) == ["Linus"]
    none = soup(staff_client.get("/?challenge=other")).select_one("[data-empty]")
    assert none.h2.get_text() == "No results so far"


def test_what_is_sorted_but_not_shown_is_counted(
    staff_client: Client, three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_homes, "MAX_SORTED", 1)
    page = soup(staff_client.get("/?sort=candidate"))
    assert page.select_one(".list-note").get_text() == (
        "2 more tests match. Filter further to see them."
    )


def test_page_of_a_candidate_is_opened_once_by_a_browser(
    staff_client: Client, take_home: Interview
) -> None:
    candidate = Client()
    address = f"/take-home/{take_home.passcode}/"
    candidate.get(address)
    staff_client.get(address, headers={"HX-Request": "true"})
    assert fresh(take_home).opened_at is None
    candidate.get(address, headers={"HX-Request": "true"})
    opened = fresh(take_home).opened_at
    assert opened is not None
    take_home.record_opened()
    assert fresh(take_home).opened_at == opened
    assert "Opened" in soup(staff_client.get("/")).select_one(".cell-status").get_text()
