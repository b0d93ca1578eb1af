"""No address of ours leads a browser to another site."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_templates")]

ELSEWHERE = [
    "https://evil.example",
    "HTTPS://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2e%2e",
    "/\\evil.example",
    "\\\\evil.example/",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    " //evil.example",
    "\x01//evil.example",
    "/\x00/evil.example",
    "http:evil.example/",
    "http:/evil.example",
    "http:///evil.example",
    "http:\\\\evil.example/",
    "//testserver@evil.example/",
    "http://testserver@evil.example/",
    "http://testserver:80@evil.example/",
    "//evil.example\\@testserver/",
    "http://testserver.evil.example/",
    "http://evil.example#@testserver/",
    "http://evil.example?@testserver/",
    "//evil\u3002example/",
    "//\u2044evil.example/",
    "javascript:alert(1)//",
    "java\nscript:alert(1)//",
    "data:text/html,/",
    "ftp://testserver/",
    "http://[testserver/",
]


def leads_elsewhere(location: str) -> bool:
    """As a browser reads it: blanks and tabs go, and a backslash is a slash."""
    cleaned = re.sub(r"[\t\r\n]", "", location.strip("".join(map(chr, range(33)))))
    parts = urlsplit(cleaned.replace("\\", "/"))
    is_relative = not parts.scheme and not parts.netloc and not cleaned.startswith(("//", "\\"))
    return not is_relative and (parts.scheme, parts.netloc) != ("http", "testserver")


@pytest.fixture
def staff_client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_the_reading_of_a_browser_is_right() -> None:
    assert [leads_elsewhere(each) for each in ELSEWHERE[:14]] == [True] * 14
    assert not any(leads_elsewhere(each) for each in ("/", "/a?b=//c", "http://testserver/a"))


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_sign_in_leads_nowhere_else(staff_client: Client, page: str) -> None:
    for address in ELSEWHERE:
        answer: Any = staff_client.get(page, {"next": address})
        location = answer["Location"]
        assert (answer.status_code, leads_elsewhere(location)) == (302, False), (address, location)


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example", "///evil.example/..", "/\\evil.example", "//live"]
)
def test_a_slash_that_is_added_leads_nowhere_else(staff_client: Client, path: str) -> None:
    for client in (staff_client, Client()):
        answer: Any = client.get("/", PATH_INFO=path)
        assert not leads_elsewhere(answer.headers.get("Location", "/")), answer


@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
def test_a_page_that_names_itself_elsewhere_is_not_led_back_there(
    staff_client: Client, header: str
) -> None:
    for address in [*ELSEWHERE, "http://testserver//evil.example/", "http://x/\\evil.example"]:
        forged = re.sub(r"[\r\n\x00\x01]", "", address).encode("ascii", "ignore").decode()
        fragment = {"HX-Request": "true"} if header != "Referer" else {}
        answer: Any = Client().post("/tokens/create/", headers={header: forged, **fragment})
        sign_in = answer.headers.get("HX-Redirect") or answer["Location"]
        assert sign_in.startswith("/login/?next="), sign_in
        back = staff_client.get(sign_in)
        assert not leads_elsewhere(back["Location"]), (address, back["Location"])
