"""Three people of three roles, each in a browser of their own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.conftest import (
    PASSWORD,
    Platform,
    SignIn,
    Staff,
    expect_screen,
    open_link,
    press_in_row,
    press_start,
)

HIRE = """
from django.contrib.auth.models import Group, User
for name in ("Viewer", "Interviewer", "Administrator"):
    user, _ = User.objects.get_or_create(username=name.lower(), is_staff=True)
    user.set_password({password!r}); user.save()
    user.groups.set([Group.objects.get(name=name)])
"""
LISTEN = """() => {
  window.heard = [];
  const source = new EventSource("/api/events");
  for (const name of ["interview", "operation", "log", "sync", "beat"]) {
    source.addEventListener(name, ({ data }) => window.heard.push(data));
  }
}"""


@pytest.fixture(scope="module")
def team(platform: Platform) -> None:
    """One of each role, with the password of the tests."""
    platform.ensure(HIRE.format(password=PASSWORD))


@pytest.fixture
def as_role(team: None, sign_in: SignIn) -> Callable[[str], Page]:
    return lambda role: sign_in(username=role)


def test_viewer_never_finds_a_credential(
    platform: Platform, staff: Staff, candidate: Page, as_role: Callable[[str], Page]
) -> None:
    invitation = staff.invite("Ada Watched")
    open_link(candidate, invitation)
    viewer = as_role("viewer")
    bodies: list[str] = []

    def keep(response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if kind.startswith(("text/html", "application/json", "text/csv")) and response.status < 300:
            bodies.append(f"{response.url}\n{response.text()}")

    viewer.on("response", keep)
    viewer.evaluate(LISTEN)
    press_start(candidate)
    expect_screen(candidate, "active")
    expect(viewer.locator(f"#row-{invitation.id}")).to_have_attribute("data-status", "active")
    known = staff.details(invitation)
    secrets = [known["password"], known["passcode"], known["accessUrl"]]
    assert all(secrets)
    heard = viewer.evaluate("window.heard.join()")

    press_in_row(viewer.locator(f"#row-{invitation.id}"), "Activity log")
    expect(viewer.locator("#logs")).to_contain_text("The workspace is responding")
    for path in (
        "/",
        "/live/",
        "/history/?q=Ada",
        f"/interviews/{invitation.id}/",
        "/challenges/",
        "/start-times/",
        "/admin/",
        "/admin/dashboard/interviewrecord/",
        f"/admin/dashboard/interviewrecord/{invitation.id}/change/",
        "/api/openapi.json",
        "/api/takehome",
        f"/api/interviews/{invitation.id}",
        f"/api/operations?interviewId={invitation.id}",
    ):
        answer = viewer.goto(f"{platform.origin}{path}")
        assert answer is not None
        assert answer.status == 200, path
    for path in ("/audit/", "/audit/audit.csv", "/tokens/", "/webhooks/", "/invitations/"):
        answer = viewer.goto(f"{platform.origin}{path}")
        assert answer is not None
        assert answer.status in (403, 404), path
    assert len(bodies) > 12
    assert invitation.id in heard
    for secret in secrets:
        assert secret not in heard
        assert [body.split("\n")[0] for body in bodies if secret in body] == []
    staff.withdraw(invitation)


def test_interviewer_invites_and_manages_nobody(
    platform: Platform, as_role: Callable[[str], Page]
) -> None:
    page = as_role("interviewer")
    expect(page.locator("#invite-button")).to_be_visible()
    expect(page.get_by_role("link", name="Webhooks")).to_have_count(0)
    for path in ("/webhooks/", "/tokens/", "/audit/"):
        answer = page.goto(f"{platform.origin}{path}")
        assert answer is not None
        assert answer.status == 403, path


def test_administrator_finds_the_team_and_is_no_superuser(
    platform: Platform, as_role: Callable[[str], Page]
) -> None:
    page = as_role("administrator")
    for path in ("/webhooks/", "/tokens/", "/audit/", "/admin/auth/user/"):
        answer = page.goto(f"{platform.origin}{path}")
        assert answer is not None
        assert answer.status == 200, path
