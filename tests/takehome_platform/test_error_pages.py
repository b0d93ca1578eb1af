"""The pages of errors are the product's own, with a way back and the reference of the log."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import Http404
from django.test import Client

from dashboard.views.interviews import take_homes
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db

DEBUG = pytest.mark.parametrize("debug", [True, False], ids=["debug", "production"])


@pytest.fixture
def visitor(tables: None) -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def heading(response: Any) -> str:
    return str(soup(response).select_one("h1").get_text(strip=True))


def links(response: Any) -> dict[str, str]:
    return {a.get_text(strip=True): a["href"] for a in soup(response).select("main a")}


@DEBUG
def test_unknown_path_and_missing_thing_have_the_same_page(
    client: Client, staff: User, settings: Any, tables: None, debug: bool
) -> None:
    settings.DEBUG = debug
    client.force_login(staff)
    for path in ("/no/such/page/", "/challenges/none/"):
        response = client.get(path)
        assert (response.status_code, heading(response)) == (404, "Page not found")
        assert links(response) == {"Back to dashboard": "/"}
    # What a path with a slash would be is still found.
    assert client.get("/history")["Location"] == "/history/"


def test_visitor_without_a_session_is_sent_to_the_invitation(visitor: Client) -> None:
    response = visitor.get("/no/such/page/")
    assert links(response) == {}
    assert "Open the link in your invitation again" in response.text


@DEBUG
@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        (SuspiciousOperation("odd"), 400, "We didn't understand that request"),
        (Http404("gone"), 404, "Page not found"),
        (ValueError("a-local-secret"), 500, "Something went wrong"),
    ],
    ids=["400", "404", "500"],
)
def test_errors_of_a_view_have_pages_with_the_reference_of_the_log(
    visitor: Client,
    staff: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    debug: bool,
    error: Exception,
    status: int,
    expected: str,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    settings.DEBUG = debug
    visitor.force_login(staff)
    monkeypatch.setattr(take_homes, "list_page", fail)
    response = visitor.get("/", headers={"X-Request-Id": "of-this-request"})
    assert (response.status_code, heading(response)) == (status, expected)
    assert soup(response).select_one(".error-reference code").get_text() == "of-this-request"
    assert "a-local-secret" not in response.text


def test_wrong_method_has_a_page_and_still_says_which_are_right(
    client: Client, staff: User, tables: None
) -> None:
    client.force_login(staff)
    response = client.get("/tokens/create/", headers={"Referer": "http://testserver/tokens/"})
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert heading(response) == "This page can't do that"
    assert links(response)["Go back"] == "http://testserver/tokens/"
    assert client.get("/api/interviews/x/destroy").json()["error"]["code"] == "method_not_allowed"


def test_forged_form_has_a_page_with_a_way_back(visitor: Client) -> None:
    response = visitor.post("/login/", headers={"Referer": "http://testserver/login/?next=/"})
    assert (response.status_code, heading(response)) == (403, "Go back and try again")
    assert links(response) == {"Go back": "http://testserver/login/?next=/"}
    assert soup(response).select_one(".error-reference code").get_text() == response["X-Request-Id"]


@pytest.mark.parametrize("referer", ["https://elsewhere.example/", "javascript:alert(1)", "//x"])
def test_way_back_never_leads_elsewhere(visitor: Client, referer: str) -> None:
    assert links(visitor.get("/no/such/page/", headers={"Referer": referer})) == {}


def test_host_that_is_refused_has_no_way_back(visitor: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    response = visitor.get("/login/", headers={"Host": "evil.example"})
    assert (response.status_code, links(response)) == (400, {})


def test_cookie_of_a_session_is_what_tells_staff(visitor: Client) -> None:
    visitor.cookies[django_settings.SESSION_COOKIE_NAME] = "of-an-earlier-day"
    assert links(visitor.get("/no/such/page/")) == {"Back to dashboard": "/"}
