"""Another site cannot make a browser of ours change anything: no write without a CSRF token."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.permissions.roles import ADMINISTRATOR
from interviews.models import Interview
from tests.attacks import routes
from tests.attacks.expected_access import ANYONE, NOBODY
from tests.attacks.routes import WRITES, Access
from tests.conftest import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_templates")]

TOKEN = "a" * 32


def writes() -> Iterator[Access]:
    """Every method of the table that may change something."""
    return (access for access in routes.expected() if access.method in WRITES)


@pytest.fixture
def superuser() -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def urls(running: Interview) -> dict[Access, str]:
    """Each write with ids that exist."""
    ids = routes.existing_ids(running)
    of_admin = routes.admin_ids(running, ids)
    return {access: routes.fill(access.pattern, ids, of_admin) for access in writes()}


def test_a_write_without_a_token_is_refused(
    superuser: Client, urls: dict[Access, str], running: Interview
) -> None:
    before = fresh(running).serialize()
    answers = {access: superuser.generic(access.method, url) for access, url in urls.items()}
    assert len(answers) > 100
    assert [access for access, answer in answers.items() if answer.status_code != 403] == []
    assert fresh(running).serialize() == before


def test_a_write_from_another_origin_is_refused_with_a_token_too(
    superuser: Client, urls: dict[Access, str], running: Interview
) -> None:
    superuser.cookies["csrftoken"] = TOKEN
    headers = {"X-CSRFToken": TOKEN, "Origin": "https://evil.example"}
    before = fresh(running).serialize()
    for access, url in urls.items():
        answer = superuser.generic(access.method, url, headers=headers)
        assert answer.status_code == 403, access
    assert fresh(running).serialize() == before


def test_a_write_of_the_browser_itself_passes(superuser: Client) -> None:
    """Otherwise the tests above would be about nothing."""
    superuser.cookies["csrftoken"] = TOKEN
    headers = {"X-CSRFToken": TOKEN, "Origin": "http://testserver"}
    for access in writes():
        if access.needs not in (ANYONE, NOBODY) and not access.pattern.startswith("/admin/"):
            url = routes.fill(access.pattern, routes.no_ids())
            answer = superuser.generic(access.method, url, headers=headers)
            assert answer.status_code not in (401, 403), access


def test_api_tokens_need_no_csrf_token(running: Interview) -> None:
    """No browser sends them by itself."""
    _, text = api_tokens.create("ats", ADMINISTRATOR, by="admin")
    client: Any = Client(enforce_csrf_checks=True)
    for access in writes():
        if access.pattern.startswith("/api/"):
            url = routes.fill(access.pattern, routes.no_ids())
            headers = {"Authorization": f"Bearer {text}"}
            answer = client.generic(access.method, url, headers=headers)
            assert answer.status_code not in (401, 403), access
