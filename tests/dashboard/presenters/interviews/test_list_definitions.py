"""The list that an interview is on, for every status and every list."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from interviews.attributes import DRY_RUN
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview

LISTS = ("take-home", "regular", "history")


def row_lists(staff_client: Client, interview: Interview) -> list[str]:
    """The lists that would show the interview's row after an event."""
    found = []
    for tab in LISTS:
        response = staff_client.get(f"/interviews/{interview.id}/row/?tab={tab}")
        rows = BeautifulSoup(response.content, "html.parser").select("tr[data-interview]")
        found += [tab] * len(rows)
    return found


def lists_with(staff_client: Client) -> list[str]:
    addresses = {"take-home": "/", "regular": "/live/", "history": "/history/"}
    pages = {
        tab: BeautifulSoup(staff_client.get(address).content, "html.parser")
        for tab, address in addresses.items()
    }
    return [tab for tab, page in pages.items() if page.select("#rows tr")]


@pytest.mark.parametrize("status", Status)
def test_take_home_is_never_among_current_interviews(
    staff_client: Client, in_state: Callable[..., Interview], status: Status
) -> None:
    interview = in_state(status.value, completed_at=now() if status in FINAL else None)
    expected = ["history"] if status in FINAL else ["take-home"]
    assert (row_lists(staff_client, interview), lists_with(staff_client)) == (
        expected,
        expected,
    )


@pytest.mark.parametrize("status", Status)
def test_live_interview_is_never_among_take_homes(
    staff_client: Client, live_in_state: Callable[..., Interview], status: Status
) -> None:
    interview = live_in_state(status.value, completed_at=now() if status in FINAL else None)
    expected = ["history"] if status in FINAL else ["regular"]
    assert (row_lists(staff_client, interview), lists_with(staff_client)) == (
        expected,
        expected,
    )


@pytest.mark.parametrize("status", Status)
def test_dry_run_is_on_no_list(
    staff_client: Client, in_state: Callable[..., Interview], status: Status
) -> None:
    ended = {"completed_at": now()} if status in FINAL else {}
    interview = in_state(
        status.value, type=DRY_RUN, list_key="dry-run", type_status_key="dry-run", **ended
    )
    assert (row_lists(staff_client, interview), lists_with(staff_client)) == ([], [])


def test_row_of_another_type_is_not_found(
    staff_client: Client, take_home: Interview, regular: Interview
) -> None:
    for interview, tab in ((take_home, "regular"), (regular, "take-home")):
        assert staff_client.get(f"/interviews/{interview.id}/row/?tab={tab}").status_code == 404


def test_each_list_says_whose_events_concern_it(staff_client: Client, tables: None) -> None:
    found = {}
    for address in ("/", "/live/", "/history/"):
        page = BeautifulSoup(staff_client.get(address).content, "html.parser")
        found[address] = page.select_one("#list")["data-types"]
    assert found == {"/": "take-home", "/live/": "regular", "/history/": "take-home regular"}
