"""The header of the dashboard and of the admin: the links of each role, and the current page."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, REVIEWER, VIEWER
from tests.conftest import member

pytestmark = pytest.mark.django_db

EVERYBODY = {
    *("/", "/live/", "/history/", "/challenges/", "/start-times/"),
    *("/workspaces/", "/admin/", "/api/docs"),
}
REVIEWERS = {"/reviews/"}
ADMINISTRATORS = {
    "/people/",
    "/branding/",
    "/email-texts/",
    "/candidate-data/",
    "/audit/",
    "/tokens/",
    "/webhooks/",
}


def links(response: Any) -> dict[str, bool]:
    """Each link, and whether the current page is below it."""
    page: Any = BeautifulSoup(response.content, "html.parser")
    nav = page.select_one(".site-nav")
    return {a["href"]: a.has_attr("aria-current") for a in nav.select("a")}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (VIEWER, EVERYBODY),
        (REVIEWER, EVERYBODY | REVIEWERS),
        (INTERVIEWER, EVERYBODY | REVIEWERS),
        (ADMINISTRATOR, EVERYBODY | REVIEWERS | ADMINISTRATORS),
    ],
)
@pytest.mark.parametrize("address", ["/", "/admin/"])
def test_each_role_sees_what_it_may(
    client: Client, tables: None, role: str, expected: set[str], address: str
) -> None:
    client.force_login(member("somebody", role))
    found = links(client.get(address))
    assert found.keys() == expected
    for link in found:
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("/", "/"),
        ("/invitations/", "/"),
        ("/history/?q=x", "/history/"),
        ("/new-challenge/", "/challenges/"),
        ("/webhooks/", "/webhooks/"),
        ("/workspaces/", "/workspaces/"),
        ("/audit/", "/audit/"),
        ("/candidate-data/", "/candidate-data/"),
        ("/tokens/", "/tokens/"),
        ("/admin/auth/user/", "/admin/"),
    ],
)
def test_it_says_where_one_is(staff_client: Client, tables: None, address: str, here: str) -> None:
    response = staff_client.get(address, follow=True)
    assert [link for link, is_here in links(response).items() if is_here] == [here]
