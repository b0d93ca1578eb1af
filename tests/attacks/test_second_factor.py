"""A sign-in that is not complete opens no URL: the code is owed, or has to be set up first."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from interviews.models import Interview
from tests.attacks import routes
from tests.attacks.expected_access import ANYONE, PASSCODE
from tests.attacks.routes import Access
from tests.second_factor import turn_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_templates")]

SET_UP = ("/profile/two-step/", "/admin/logout/")


def calls(running: Interview) -> Iterator[tuple[Access, str]]:
    """Every URL of staff, with ids that exist."""
    ids = routes.existing_ids(running)
    of_admin = routes.admin_ids(running, ids)
    for access in routes.expected():
        if access.needs not in (ANYONE, PASSCODE) and not access.pattern.startswith(SET_UP):
            yield access, routes.fill(access.pattern, ids, of_admin)


def sign_in(client: Client, **headers: str) -> Any:
    form = {"username": "recruiter", "password": "a good one 4"}
    return client.post("/login/", form, headers=headers)


def test_the_password_alone_opens_nothing_for_who_has_a_second_factor(
    client: Client, staff: User, running: Interview, enqueued: Any
) -> None:
    turn_on(staff)
    assert sign_in(client)["Location"] == "/login/code/"
    wrong = []
    for access, path in calls(running):
        answer = client.generic(access.method, path)
        to_sign_in = answer.status_code == 302 and "/login/?next=" in answer["Location"]
        if not to_sign_in and answer.status_code != 401:
            wrong.append(f"{access.method} {path}: {answer.status_code}")
    assert wrong == []


def test_who_has_to_set_one_up_opens_nothing_before(
    client: Client, staff: User, running: Interview, enqueued: Any, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    assert sign_in(client)["Location"] == "/profile/two-step/?next=%2F"
    wrong = []
    for access, path in calls(running):
        answer = client.generic(access.method, path)
        if access.pattern.startswith("/api/") and access.pattern != "/api/docs":
            error = answer.json()["error"] if answer.status_code == 403 else {}
            is_refused = error.get("code") == "second_factor_required"
        else:
            # The admin's own redirect leads to the sign-in, which leads there as well.
            way_in = ("/profile/two-step/?next=", "/admin/login/?next=")
            is_refused = answer.status_code == 302 and answer["Location"].startswith(way_in)
        if not is_refused:
            wrong.append(f"{access.method} {path}: {answer.status_code}")
    assert wrong == []
    answer = client.get("/admin/login/?next=/admin/")
    assert answer["Location"] == "/profile/two-step/?next=%2Fadmin%2F"
