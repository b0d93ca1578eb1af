"""Every URL pattern, method and caller against one table that a person wrote.

A URL, a method or a role that the table does not have fails here, and so does one that is gone.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from candidate_portal import guessing
from dashboard.auth import api_tokens
from dashboard.permissions.roles import ROLES, Permission
from interviews.models import Interview
from tests.attacks import routes
from tests.attacks.expected_access import ANYONE, CALLERS, NOBODY, PASSCODE
from tests.attacks.routes import METHODS, Access
from tests.conftest import fresh, member

pytestmark = pytest.mark.django_db

TOKENS = {caller for caller in CALLERS if "token" in caller}
# They are not signed in as far as a page can tell.
STRANGERS = {"anonymous", "candidate", *TOKENS}
# Always 404: the root of the API, which ninja names its URLs by.
NO_PAGE = {"/api/"}
# It is written out whatever the method is.
DOCUMENTATION = {"/api/docs"}


def sign_in(client: Client, caller: str, candidate_cookies: Any) -> None:
    match caller.split(" of "):
        case ["anonymous"]:
            pass
        case ["candidate"]:
            client.cookies.update(candidate_cookies)
        case ["outsider"]:
            client.force_login(User.objects.create_user("outsider"))
        case ["staff without a role"]:
            client.force_login(User.objects.create_user("newcomer", is_staff=True))
        case ["superuser"]:
            client.force_login(User.objects.create_superuser("root"))
        case ["token", role]:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {_token(role)}"
        case ["revoked token"]:
            client.defaults["HTTP_AUTHORIZATION"] = (
                f"Bearer {_token('Administrator', revoked=True)}"
            )
        case [role]:
            client.force_login(member(role, role))


def _token(role: str, *, revoked: bool = False) -> str:
    token, text = api_tokens.create(f"matrix {role}", role, by="admin")
    if revoked:
        api_tokens.revoke(token)
    return text


def is_api(pattern: str) -> bool:
    return pattern.startswith("/api/") and pattern not in DOCUMENTATION


def refusal(caller: str, pattern: str, answer: Any) -> bool:
    """Is this the answer for a caller who may not do it?"""
    if is_api(pattern):
        stranger = caller in ("anonymous", "candidate", "revoked token")
        return bool(answer.status_code == (401 if stranger else 403))
    if (pattern.startswith("/admin/") and not CALLERS[caller]) or caller in STRANGERS:
        return bool(answer.status_code == 302 and "/login/?next=" in answer["Location"])
    # A record of the admin that has no form refuses the method to everybody.
    return answer.status_code in ((403, 405) if pattern.startswith("/admin/") else (403,))


def opened(answer: Any) -> bool:
    """Was the caller let in, to whatever is there?"""
    to_sign_in = answer.status_code == 302 and "/login/" in answer["Location"]
    return answer.status_code not in (401, 403, 405, 500) and not to_sign_in


@pytest.fixture
def call(running: Interview, enqueued: Any) -> Callable[..., Any]:
    """Call it with a client, a method and a pattern; `exists` says whether the ids do."""
    ids = routes.existing_ids(running)
    of_admin = routes.admin_ids(running, ids)

    def send(client: Client, method: str, pattern: str, *, exists: bool) -> Any:
        url = routes.fill(pattern, *((ids, of_admin) if exists else (routes.no_ids(),)))
        return client.generic(method, url)

    return send


@pytest.fixture
def candidate_cookies(running: Interview) -> Any:
    client = Client()
    client.get(f"/take-home/{running.passcode}/")
    return client.cookies


def test_the_table_has_every_url_pattern_and_no_other() -> None:
    listed = {access.pattern for access in routes.expected()}
    assert listed == set(routes.url_patterns()) - NO_PAGE


def test_the_table_has_no_line_twice() -> None:
    lines = [(access.method, access.pattern) for access in routes.expected()]
    assert len(lines) == len(set(lines))


def test_the_table_has_every_role_as_a_person_and_as_a_token() -> None:
    assert set(ROLES) | {f"token of {role}" for role in ROLES} <= set(CALLERS)
    assert set().union(*CALLERS.values()) == set(Permission)


@pytest.mark.usefixtures("no_templates")
@pytest.mark.parametrize("caller", CALLERS)
def test_each_caller_opens_exactly_what_the_table_says(
    caller: str, call: Callable[..., Any], candidate_cookies: Any, running: Interview
) -> None:
    client = Client(raise_request_exception=False)
    sign_in(client, caller, candidate_cookies)
    before = fresh(running).serialize()
    wrong = []
    for access in routes.expected():
        if access.needs in (ANYONE, PASSCODE) or access.pattern.startswith("/admin/logout"):
            continue
        # The admin's pages are for people: a token is nobody there, as on the dashboard's.
        by_page = not is_api(access.pattern)
        may = access.needs in {*CALLERS[caller], caller} and not (by_page and caller in TOKENS)
        # Without the fields of its form, a page of the admin changes nothing.
        exists = not may or access.pattern.startswith("/admin/")
        answer = call(client, access.method, access.pattern, exists=exists)
        as_expected = opened(answer) if may else refusal(caller, access.pattern, answer)
        if not as_expected:
            wrong.append(f"{access.method} {access.pattern}: {answer.status_code}, {may=}")
    assert not wrong, "\n".join(wrong)
    assert fresh(running).serialize() == before


@pytest.mark.usefixtures("no_templates")
@pytest.mark.parametrize("caller", ["anonymous", "superuser"])
def test_methods_that_are_not_in_the_table_do_nothing(
    caller: str, call: Callable[..., Any], candidate_cookies: Any, running: Interview
) -> None:
    client = Client(raise_request_exception=False)
    sign_in(client, caller, candidate_cookies)
    listed = {(access.method, access.pattern) for access in routes.expected()}
    wrong = []
    for pattern in routes.url_patterns():
        if pattern in NO_PAGE | DOCUMENTATION or pattern.startswith("/admin/"):
            continue
        for method in METHODS:
            if (method, pattern) not in listed:
                answer = call(client, method, pattern, exists=True)
                if answer.status_code != 405 and not refusal(caller, pattern, answer):
                    wrong.append(f"{method} {pattern}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_pages_that_anyone_may_open_give_nothing_away(
    call: Callable[..., Any], running: Interview
) -> None:
    secrets = (running.candidate_name + "'s", str(running.password), str(running.access_url))
    for access in routes.expected():
        if access.needs == ANYONE:
            answer = call(Client(), access.method, access.pattern, exists=True)
            assert answer.status_code in (200, 302, 404, 422), access
            assert not any(secret in answer.text for secret in secrets), access


@pytest.mark.parametrize("caller", ["candidate", "superuser", "token of Administrator"])
def test_a_wrong_passcode_helps_nobody(
    caller: str,
    call: Callable[..., Any],
    candidate_cookies: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client()
    sign_in(client, caller, candidate_cookies)
    monkeypatch.setattr(guessing, "MAX_PER_ADDRESS", 1000)
    for access in _with_passcode():
        answer = call(client, access.method, access.pattern, exists=False)
        assert answer.status_code == 404, (caller, access)


def _with_passcode() -> list[Access]:
    return [access for access in routes.expected() if access.needs == PASSCODE]


def test_what_nobody_may_is_refused_to_the_superuser_too() -> None:
    assert NOBODY not in set().union(*CALLERS.values())
