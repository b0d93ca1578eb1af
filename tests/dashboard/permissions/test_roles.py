"""Each role has one set of permissions, on pages, in the API and on the event stream."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLResolver, get_resolver

import candidate_portal.urls
import dashboard.urls
from dashboard.auth import api_tokens
from dashboard.models import ApiToken
from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, ROLES, VIEWER, Permission
from interviews.models import Interview
from tests.conftest import fresh, member
from tests.dashboard.http import post
from tests.dashboard.permissions.test_decorators import METHODS, staff_addresses

pytestmark = pytest.mark.django_db
# These need a passcode, and check the role themselves without one.
CANDIDATES = {
    "/interviews/by-passcode/{passcode}",
    "/interviews/{interview_id}/activate",
    "/interviews/{interview_id}/practice",
    "/interviews/{interview_id}/practice/end",
    "/interviews/{interview_id}/leave-line",
}

# The way in and out: whoever has no role, or is not signed in, needs these pages.
WITHOUT_PERMISSION = {"login", "login-code", "sso", "sso-finish", "logout", "set-password"}


@pytest.fixture
def viewer(db: None) -> User:
    return member("viewer", VIEWER)


@pytest.fixture
def live_running(schedule: Any, engine: Any) -> Interview:
    """A live interview, which shows its password from the start."""
    found: Interview = schedule()
    return found


def credentials(*interviews: Interview) -> list[str]:
    return [
        str(secret)
        for interview in interviews
        for secret in (interview.password, interview.passcode, interview.access_url)
        if secret
    ]


def test_the_roles_are_there_after_the_migrations(db: None) -> None:
    found = {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }
    assert found == {role: {p.value for p in granted} for role, granted in ROLES.items()}


def test_a_viewer_finds_no_credential_anywhere(
    client: Client, viewer: User, running: Interview, live_running: Interview
) -> None:
    client.force_login(viewer)
    secrets = credentials(fresh(running), fresh(live_running))
    assert len(secrets) >= 5
    seen = 0
    for interview in (fresh(running), fresh(live_running)):
        for address in staff_addresses(interview):
            for headers in ({}, {"HX-Request": "true"}):
                response = client.get(address, headers=headers)
                seen += response.status_code == 200
                body = response.getvalue().decode()
                for secret in secrets:
                    assert secret not in body.replace(address, ""), f"{address}: {secret}"
    assert seen > 20


def test_a_viewer_changes_nothing(client: Client, viewer: User, running: Interview) -> None:
    client.force_login(viewer)
    before = fresh(running).serialize()
    for address in staff_addresses(running):
        for method in set(METHODS) - {"get"}:
            response = getattr(client, method)(address)
            read_only = address == "/api/docs"
            refused = (400, 403, 404, 405, 422)
            is_own = address.startswith("/profile/")
            assert read_only or is_own or response.status_code in refused, f"{method} {address}"
    assert fresh(running).serialize() == before


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER, ADMINISTRATOR])
def test_each_page_opens_to_the_roles_that_have_its_permission(
    client: Client, role: str, running: Interview
) -> None:
    client.force_login(member("somebody", role))
    for address in staff_addresses(running):
        view = get_resolver().resolve(address).func
        if address.startswith("/api/"):
            continue  # tried below
        needed = getattr(view, "permission", None)
        assert isinstance(needed, Permission), f"{address} does not say what it needs"
        response = client.get(address)
        if response.status_code == 405:
            response = client.post(address)
        kept_out = response.status_code == 403
        assert kept_out == (needed not in ROLES[role]), address


def views(patterns: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The name and the view of every address."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        else:
            yield str(pattern.name), pattern.callback


def test_each_page_says_what_it_needs() -> None:
    pages = dict(views(dashboard.urls.urlpatterns))
    assert len(pages) > 50
    unmarked = {name for name, view in pages.items() if not is_marked(view)}
    assert unmarked == WITHOUT_PERMISSION


def test_no_page_is_outside_the_dashboard_the_admin_the_api_and_the_candidates_pages() -> None:
    """Each of them has a test of its own that walks all its addresses."""
    roots = {str(pattern.pattern) for pattern in get_resolver().url_patterns}
    assert roots == {"admin/login/", "admin/", "api/", ""}
    included = [each for each in get_resolver().url_patterns if str(each.pattern) == ""]
    assert [each.urlconf_module for each in included] == [candidate_portal.urls, dashboard.urls]


def test_each_endpoint_of_the_api_says_what_it_needs() -> None:
    from takehome_platform.api.app import api

    unmarked = {
        path
        for _, router in api._routers
        for path, operations in router.path_operations.items()
        for operation in operations.operations
        if not is_marked(operation.view_func)
    }
    assert unmarked == CANDIDATES


def is_marked(view: Any) -> bool:
    return isinstance(getattr(view, "permission", None), Permission)


def test_staff_without_a_role_is_told_so(client: Client) -> None:
    client.force_login(User.objects.create_user("newcomer", is_staff=True))
    response = client.get("/")
    assert (response.status_code, b"You don't have a role yet" in response.content) == (403, True)
    assert client.get("/api/takehome").status_code == 403


def test_an_interviewer_reads_why_a_page_is_not_for_them(
    client: Client, take_home: Interview
) -> None:
    client.force_login(member("holder", INTERVIEWER))
    response = client.get(f"/interviews/{take_home.id}/delete/")
    assert response.status_code == 403
    assert "Delete interviews with their files" in response.content.decode()


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_a_token_may_what_its_role_may(client: Client, take_home: Interview) -> None:
    _, viewing = api_tokens.create("reports", VIEWER, by="admin")
    _, working = api_tokens.create("ats", INTERVIEWER, by="admin")
    path = f"/api/interviews/{take_home.id}/extend"
    assert client.get("/api/takehome", headers=bearer(viewing)).status_code == 200
    answer = client.post(
        path, {"minutes": 5}, content_type="application/json", headers=bearer(viewing)
    )
    assert answer.status_code == 403
    assert answer.json()["error"]["message"].startswith("Your role doesn't have the permission “")
    answer = client.post(
        path, {"minutes": 5}, content_type="application/json", headers=bearer(working)
    )
    assert (answer.status_code, answer.json()["timeline"][-1]["by"]) == (200, "token ats")


def test_a_token_of_a_viewer_reads_no_credential(client: Client, running: Interview) -> None:
    _, text = api_tokens.create("reports", VIEWER, by="admin")
    found = client.get(f"/api/interviews/{running.id}", headers=bearer(text)).json()
    assert [found[name] for name in ("passcode", "joinPath", "accessUrl", "password")] == [None] * 4


@pytest.mark.parametrize("text", ["", "nonsense", "thp_" + "x" * 43])
def test_an_unknown_token_is_refused(client: Client, db: None, text: str) -> None:
    answer = client.get("/api/takehome", headers=bearer(text))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")


def test_a_revoked_token_is_refused(client: Client, db: None) -> None:
    token, text = api_tokens.create("ats", INTERVIEWER, by="admin")
    assert client.get("/api/takehome", headers=bearer(text)).status_code == 200
    api_tokens.revoke(token)
    assert client.get("/api/takehome", headers=bearer(text)).status_code == 401


def test_a_wrong_token_is_not_helped_by_a_session(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get("/api/takehome", headers=bearer("thp_wrong")).status_code == 401


def test_only_the_hash_of_a_token_is_kept(db: None) -> None:
    token, text = api_tokens.create("ats", INTERVIEWER, by="admin")
    row = ApiToken.objects.values().get(pk=token.pk)
    assert text not in str(row)
    assert row["hint"] == text[:10]


def test_a_token_opens_no_page(client: Client, db: None) -> None:
    _, text = api_tokens.create("ats", ADMINISTRATOR, by="admin")
    assert client.get("/", headers=bearer(text)).status_code == 302


def test_a_session_still_needs_its_csrf_token(staff: User, take_home: Interview) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    answer = post(client, f"/api/interviews/{take_home.id}/extend", {"minutes": 5})
    assert answer.status_code == 403


def test_only_who_may_manage_starts_a_test_without_its_passcode(
    client: Client, viewer: User, take_home: Interview, engine: Any
) -> None:
    path = f"/api/interviews/{take_home.id}/activate"
    client.force_login(viewer)
    assert post(client, path).status_code == 404
    client.force_login(member("holder", INTERVIEWER))
    assert post(client, path).status_code == 202


def test_a_viewer_cannot_try_passcodes_in_the_search(
    client: Client, viewer: User, take_home: Interview
) -> None:
    client.force_login(viewer)
    path = f"/api/interviews?q={take_home.passcode}"
    assert client.get(path).json()["items"] == []
    assert take_home.candidate_name not in client.get(f"/history/?q={take_home.passcode}").text
    client.force_login(member("holder", INTERVIEWER))
    assert [each["id"] for each in client.get(path).json()["items"]] == [take_home.id]
