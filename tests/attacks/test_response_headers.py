"""No page can be framed, sniffed or made to run others' scripts, and no Host header is believed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from interviews import queries
from interviews.models import Interview
from operations import rate_limit
from tests.attacks import routes
from tests.attacks.expected_access import PASSCODE

pytestmark = pytest.mark.django_db
EVIL = "evil.example"
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


@pytest.fixture
def superuser() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def urls(running: Interview) -> list[str]:
    """Every URL that answers a GET."""
    ids = routes.existing_ids(running)
    of_admin = routes.admin_ids(running, ids)
    found = [a for a in routes.expected() if a.method == "GET"]
    return [routes.fill(access.pattern, ids, of_admin) for access in found]


def assert_protected(answer: Any, what: str) -> None:
    directives = answer.headers.get("Content-Security-Policy", "").split("; ")
    policy = dict(each.partition(" ")[::2] for each in directives)
    assert policy == POLICY, what
    assert answer.headers.get("X-Content-Type-Options") == "nosniff", what
    assert answer.headers.get("Referrer-Policy") == "same-origin", what
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert answer.headers.get("X-Frame-Options") == "DENY", what


@pytest.mark.usefixtures("no_templates")
def test_every_page_is_protected(superuser: Client, urls: list[str]) -> None:
    assert len(urls) > 80
    for client in (superuser, Client()):
        for url in urls:
            assert_protected(client.get(url), url)


def errors(interview: Interview, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, Any]]:
    """Each kind of error page, with the status that it must have."""
    client = Client(raise_request_exception=False)
    page = f"/take-home/{interview.passcode}/"
    yield 400, client.get(page, headers={"Host": EVIL})
    yield 403, Client(enforce_csrf_checks=True).post(f"{page}start")
    yield 404, client.get("/nothing/here")
    yield 404, client.get("/take-home/ZZZZZZZZ/")
    yield 405, client.post(page)
    yield 413, client.post(page, headers={"Content-Length": str(2**21)}, CONTENT_LENGTH=2**21)
    with monkeypatch.context() as patch:
        patch.setattr(rate_limit, "retry_after", lambda *arguments: 30)
        yield 429, client.get("/take-home/ZZZZZZZZ/")
    with monkeypatch.context() as patch:
        patch.setattr(queries, "get_by_passcode", lambda passcode: 1 / 0)
        yield 500, client.get(page)


def test_error_pages_are_protected_too(running: Interview, monkeypatch: pytest.MonkeyPatch) -> None:
    for status, answer in errors(running, monkeypatch):
        assert answer.status_code == status
        assert_protected(answer, str(status))


@pytest.mark.usefixtures("no_templates")
@pytest.mark.parametrize(
    "host",
    [EVIL, f"testserver@{EVIL}", f"testserver.{EVIL}", "testserver/x", "testserver:80:80", ""],
)
def test_another_host_is_refused_everywhere(
    superuser: Client, running: Interview, host: str
) -> None:
    for url in ("/", "/login/", f"/take-home/{running.passcode}/", "/api/takehome", "/nothing"):
        answer = superuser.get(url, headers={"Host": host})
        assert (answer.status_code, EVIL in answer.text) == (400, False), url


def test_a_forwarded_host_is_in_no_link(superuser: Client, running: Interview) -> None:
    """A poisoned link would send a candidate, and the passcode, to another site."""
    forged = {"X-Forwarded-Host": EVIL, "X-Host": EVIL, "Forwarded": f"host={EVIL}"}
    forged |= {"X-Original-URL": f"//{EVIL}/", "X-Forwarded-Server": EVIL}
    pages = ("/", f"/interviews/{running.id}/", f"/interviews/{running.id}/row/", "/login/")
    for url in (*pages, f"/take-home/{running.passcode}/", f"/api/interviews/{running.id}"):
        answer = superuser.get(url, headers=forged)
        assert (answer.status_code, EVIL in answer.text) in ((200, False), (302, False)), url


def test_pages_of_candidates_are_not_cached(running: Interview) -> None:
    ids = {**routes.no_ids(), "passcode": str(running.passcode), "interview_id": running.id}
    for access in routes.expected():
        if access.needs == PASSCODE:
            answer: Any = Client().generic(access.method, routes.fill(access.pattern, ids))
            assert "no-store" in answer.headers["Cache-Control"], access
