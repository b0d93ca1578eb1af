"""Django refuses a body by its Content-Length, before it looks at anything else of it."""

from typing import Any

import pytest
from django.db import OperationalError
from django.http.response import HttpResponse
from django.test import Client

from interviews.challenges.models import Challenge
from takehome_platform.errors import STORE_UNAVAILABLE
from takehome_platform.request_limits import body_sizes

pytestmark = pytest.mark.django_db

FORM = "multipart/form-data; boundary=x"
MEGABYTE = 1024 * 1024


def post(client: Client, path: str, length: int | str, type_: str = FORM, **headers: str) -> Any:
    return client.generic(
        "POST", path, b"x", content_type=type_, CONTENT_LENGTH=str(length), headers=headers
    )


def says(response: HttpResponse) -> str:
    assert response.status_code == 413
    return response.content.decode()


@pytest.fixture
def staff_client(client: Client, staff: Any, challenge: Challenge) -> Client:
    client.force_login(staff)
    return client


def test_unknown_token_may_not_upload(client: Client, challenge: Challenge) -> None:
    response = post(client, "/api/challenges", 2 * MEGABYTE, Authorization="Bearer thp_x")
    assert response.json()["error"]["code"] == "too_large"


def test_only_a_form_is_an_upload(staff_client: Client) -> None:
    says(post(staff_client, "/new-challenge/", 2 * MEGABYTE, "application/x-www-form-urlencoded"))


@pytest.mark.parametrize("length", [2 * MEGABYTE, "9" * 5000])
def test_page_names_the_limit(client: Client, length: int | str) -> None:
    page = says(post(client, "/login/", length))
    assert "<h1>That's too large</h1>" in page
    assert "What you sent is larger than 1 MB, the limit of this page." in page


def test_fragment_names_the_limit_in_plain_text(client: Client) -> None:
    response = post(client, "/login/", 2 * MEGABYTE, **{"HX-Request": "true"})
    assert says(response) == "What you sent is larger than 1 MB, the limit of this page."


def test_unavailable_database_is_not_the_fault_of_the_upload(
    client: Client, challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> bool:
        raise OperationalError("connection refused")

    monkeypatch.setattr(body_sizes, "may_upload", fail)
    response = post(client, "/api/challenges", 2 * MEGABYTE)
    assert (response.status_code, response.json()["error"]["message"]) == (
        503,
        str(STORE_UNAVAILABLE),
    )
