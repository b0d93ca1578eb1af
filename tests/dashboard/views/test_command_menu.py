"""The command menu finds candidates, challenges and pages, each as far as the role may see it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.permissions.roles import VIEWER
from interviews.challenges.models import Challenge
from interviews.models import Interview
from tests.conftest import member
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db

FIND = "/find/"


def found(client: Client, text: str) -> dict[str, list[tuple[str, str]]]:
    """By the title of each group: the names of its results and where they lead."""
    response = client.get(FIND, {"q": text})
    assert response.status_code == 200
    return {
        group.select_one(".command-group").get_text(): [
            (a.select_one(".command-name").get_text(), a["href"]) for a in group.select("a")
        ]
        for group in soup(response).select("[role=group]")
    }


def test_candidates_are_found_by_the_start_of_a_name(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    ada, _grace = invite(candidate_name="Ada Lovelace"), invite(candidate_name="Grace Hopper")
    assert found(staff_client, "love")["Candidates"] == [("Ada Lovelace", f"/interviews/{ada.id}/")]
    notes = [
        e.get_text() for e in soup(staff_client.get(FIND, {"q": "love"})).select(".command-note")
    ]
    assert notes == ["Word count · Invited"]


def test_a_live_interview_and_one_that_has_ended_are_found(
    staff_client: Client, regular: Interview, in_state: Any
) -> None:
    over = in_state("completed")
    urls = {url for _, url in found(staff_client, over.candidate_name)["Candidates"]}
    assert urls == {f"/interviews/{over.id}/"}
    assert [name for name, _ in found(staff_client, "rita")["Candidates"]] == ["Regular Rita"]


def test_challenges_are_found_by_any_part(staff_client: Client, challenge: Challenge) -> None:
    groups = found(staff_client, challenge.name[1:].upper())
    assert groups["Challenges"] == [(challenge.name, f"/challenges/{challenge.id}/")]


def test_without_a_text_there_are_the_pages(staff_client: Client, challenge: Challenge) -> None:
    groups = found(staff_client, "")
    assert list(groups) == ["Pages"]
    assert ("Audit log", "/audit/") in groups["Pages"]


def test_each_page_that_is_found_may_be_opened(client: Client, tables: None) -> None:
    client.force_login(member("viewer", VIEWER))
    pages = found(client, "")["Pages"]
    assert "Audit log" not in dict(pages)
    assert {url: client.get(url).status_code for _, url in pages} == {url: 200 for _, url in pages}


def test_who_may_not_see_passcodes_does_not_find_by_them(
    client: Client, staff_client: Client, take_home: Interview
) -> None:
    assert "Candidates" in found(staff_client, take_home.passcode)
    viewer = Client()
    viewer.force_login(member("viewer", VIEWER))
    assert "Candidates" not in found(viewer, take_home.passcode)


def test_text_that_finds_nothing_is_said_and_is_no_html(staff_client: Client) -> None:
    response = staff_client.get(FIND, {"q": "<b>nobody</b>"})
    assert "No results for “<b>nobody</b>”" in soup(response).get_text()
    assert soup(response).select("b") == []


def test_outsider_is_sent_away(client: Client, outsider: User) -> None:
    client.force_login(outsider)
    assert client.get(FIND).status_code == 403


def test_every_page_of_the_dashboard_has_the_menu_and_its_button(staff_client: Client) -> None:
    for path in ("/", "/live/", "/history/", "/challenges/", "/audit/"):
        page = soup(staff_client.get(path))
        assert page.select_one("[data-command-menu]") is not None, path
        field = page.select_one("#command-menu [role=combobox]")
        assert page.find(id=field["aria-controls"])["role"] == "listbox"
