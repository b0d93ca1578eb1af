"""Who gets in: for every address of the dashboard and the staff's API, nobody but staff.

The addresses come from the URL configuration, so that a new one cannot be forgotten: it is either
listed here as public, one by one, or tried by everybody who must not get in.
"""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from interviews.models import Interview
from tests.attacks.routes import existing_ids
from tests.dashboard import webhooks

# Everything that anonymous users can reach. A passcode protects the candidate's URLs, and the admin
# checks access itself.
PUBLIC = {
    "login/",
    "admin/login/",
    "login/code/",
    "login/sso/",
    "login/sso/finish/",
    "logout/",
    "password/<uidb64>/<token>/",
    "accessibility/",
    "brand/<str:name>",
    "brand/color/<str:color>.css",
    "take-home/<str:passcode>/",
    "take-home/<str:passcode>/open",
    "take-home/<str:passcode>/start",
    "take-home/<str:passcode>/submit",
    "take-home/<str:passcode>/retry",
    "take-home/<str:passcode>/leave-line",
    "take-home/<str:passcode>/seen",
    "take-home/<str:passcode>/problem",
    "take-home/<str:passcode>/feedback",
    "take-home/<str:passcode>/practice",
    "take-home/<str:passcode>/practice/end",
    "take-home/<str:passcode>/practice/open",
    "take-home/<str:passcode>/files",
    "interview/<str:passcode>/",
    "interview/<str:passcode>/open",
    "interview/<str:passcode>/seen",
    "interview/<str:passcode>/problem",
    "interview/<str:passcode>/feedback",
    "interview/<str:passcode>/practice",
    "interview/<str:passcode>/practice/end",
    "interview/<str:passcode>/practice/open",
    "interview/<str:passcode>/files",
    "api/interviews/by-passcode/<passcode>",
    "api/interviews/<interview_id>/activate",
    "api/interviews/<interview_id>/practice",
    "api/interviews/<interview_id>/practice/end",
    "api/interviews/<interview_id>/leave-line",
    # Always a 404.
    "api/",
}
METHODS = ("get", "post", "put", "patch", "delete")


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if route != "admin/":
                yield from routes(pattern.url_patterns, route)
        else:
            yield route


def staff_addresses(interview: Interview) -> list[str]:
    """Every staff URL with existing ids, so that a leak would have something to leak."""
    filled = existing_ids(interview)
    addresses = []
    for route in routes(get_resolver().url_patterns):
        if route in PUBLIC:
            continue
        for name, value in filled.items():
            route = re.sub(rf"<(\w+:)?{name}>", value, route)
        assert "<" not in route, f"fill in the parameter of {route}"
        addresses.append(f"/{route}")
    return addresses


def assert_kept_out(client: Client, interview: Interview, *, api: int, page: set[int]) -> None:
    assert interview.password
    addresses = staff_addresses(interview)
    assert len(addresses) > 20
    for address in addresses:
        for method in METHODS:
            fragment = {"HX-Request": "true"}
            for headers in ({}, fragment) if method in ("get", "post") else ({},):
                response = getattr(client, method)(address, headers=headers)
                is_page = not address.startswith("/api/") or address == "/api/docs"
                expected = page if is_page else {api, 405}
                what = f"{method} {address} {headers}: {response.status_code}"
                assert response.status_code in expected | {405}, what
                body = response.content.decode()
                hidden = (interview.password, interview.access_url, interview.candidate_name)
                for secret in (*hidden, webhooks.SECRET, webhooks.URL):
                    assert str(secret) not in body, what


@pytest.fixture
def interview_with_secrets(running: Interview) -> Interview:
    running.change(candidate_name="Ada Whose Name Is Nowhere Else")
    return running


def test_fault_17_anonymous_is_kept_out_of_every_staff_address(
    db: None, client: Client, interview_with_secrets: Interview
) -> None:
    assert_kept_out(client, interview_with_secrets, api=401, page={302, 401})


def test_outsider_is_kept_out_of_every_staff_address(
    client: Client, outsider: User, interview_with_secrets: Interview
) -> None:
    client.force_login(outsider)
    assert_kept_out(client, interview_with_secrets, api=403, page={403})


def test_deactivated_staff_is_kept_out_of_every_staff_address(
    client: Client, staff: User, interview_with_secrets: Interview
) -> None:
    client.force_login(staff)
    staff.is_active = False
    staff.save()
    assert_kept_out(client, interview_with_secrets, api=401, page={302, 401})


def test_fault_17_candidate_is_kept_out_of_every_staff_address(
    db: None, client: Client, interview_with_secrets: Interview
) -> None:
    """With the cookie of the candidate's own page, and their passcode wherever one fits."""
    opened = client.get(f"/take-home/{interview_with_secrets.passcode}/")
    assert opened.status_code == 200
    client.defaults["HTTP_X_PASSCODE"] = str(interview_with_secrets.passcode)
    assert_kept_out(client, interview_with_secrets, api=401, page={302, 401})


def test_public_addresses_are_the_ones_that_exist() -> None:
    assert PUBLIC - set(routes(get_resolver().url_patterns)) == set()


def test_staff_gets_in(client: Client, staff: User, running: Interview) -> None:
    client.force_login(staff)
    for address in ("/", "/history/", "/api/takehome", "/api/docs", "/api/openapi.json"):
        assert client.get(address).status_code == 200, address


def test_page_leads_to_the_sign_in_and_back(db: None, client: Client) -> None:
    response = client.get("/ended/?cursor=abc")
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/ended/%3Fcursor%3Dabc"


def test_fragment_leads_its_page_to_the_sign_in_and_back(db: None, client: Client) -> None:
    response = client.get(
        "/interviews/takehome-1/row/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/ended/?cursor=abc"},
    )
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/login/?next=%2Fended%2F%3Fcursor%3Dabc"
    assert response.content == b""


@pytest.mark.parametrize(
    ("referer", "back"),
    [("http://testserver/tokens/?a=b", "/login/?next=/tokens/%3Fa%3Db"), ("", "/login/?next=/")],
)
def test_a_button_that_was_pressed_too_late_leads_back_to_its_page(
    db: None, client: Client, referer: str, back: str
) -> None:
    response = client.post("/tokens/create/", {"name": "ats"}, headers={"Referer": referer})
    assert (response.status_code, response["Location"]) == (302, back)


def test_outsider_reads_why(client: Client, outsider: User) -> None:
    client.force_login(outsider)
    response = client.get("/")
    assert response.status_code == 403
    assert "You're signed in as outsider" in response.content.decode()


def test_pages_of_staff_are_not_kept_by_the_browser(
    client: Client, staff: User, running: Interview
) -> None:
    client.force_login(staff)
    for address in ("/", f"/interviews/{running.id}/row/", f"/api/interviews/{running.id}"):
        assert client.get(address)["Cache-Control"] == "no-store", address
