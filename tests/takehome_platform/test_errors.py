"""A database that does not answer is a 503 with a sentence, and not an error of the request."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from interviews.challenges.models import Challenge
from takehome_platform.errors import STORE_UNAVAILABLE

pytestmark = pytest.mark.django_db

Fails = Callable[[Exception], Any]


@pytest.fixture
def staff_client(client: Client, staff: User, challenge: Challenge) -> Client:
    client.force_login(staff)
    client.raise_request_exception = False
    return client


@pytest.fixture
def fails() -> Fails:
    """Call it with the exception that the SQL database raises."""

    def call(answer: Exception) -> Any:
        def refuse(*_: Any) -> None:
            raise answer

        return connection.execute_wrapper(refuse)

    return call


@pytest.mark.parametrize(
    "answer", [OperationalError("connection refused"), InterfaceError("connection already closed")]
)
def test_unavailable_sql_database_is_503_with_a_sentence(
    staff_client: Client, fails: Fails, answer: Exception
) -> None:
    with fails(answer):
        page = staff_client.get("/")
        part = staff_client.get("/history/", headers={"HX-Request": "true"})
        api = staff_client.get("/api/takehome")
        token = Client(raise_request_exception=False).get(
            "/api/takehome", headers={"Authorization": "Bearer thp_x"}
        )
    for each in (page, part, api, token):
        assert (each.status_code, each["Retry-After"]) == (503, "10")
    assert str(STORE_UNAVAILABLE) in unescape(page.content.decode())
    assert part.content.decode() == str(STORE_UNAVAILABLE)
    assert (
        api.json()
        == token.json()
        == {"error": {"code": "unavailable", "message": str(STORE_UNAVAILABLE)}}
    )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM forgotten",
        "INSERT INTO dashboard_apitoken (forgotten) VALUES (1)",
        "SELECT 'a' REGEXP '['",
    ],
)
def test_invalid_sql_is_no_outage(staff_client: Client, fails: Fails, statement: str) -> None:
    with pytest.raises(OperationalError) as answer, connection.cursor() as cursor:
        cursor.execute(statement)
    with fails(answer.value):
        assert staff_client.get("/api/takehome").status_code == 500


def test_locked_database_is_an_outage(staff_client: Client, fails: Fails, tmp_path: Path) -> None:
    mine, theirs = (sqlite3.connect(tmp_path / "db", timeout=0) for _ in range(2))
    with closing(mine), closing(theirs):
        theirs.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            mine.execute("BEGIN EXCLUSIVE")
    answer = OperationalError(str(locked.value))
    answer.__cause__ = locked.value
    with fails(answer):
        assert staff_client.get("/api/takehome").status_code == 503


@pytest.mark.parametrize("debug", [True, False])
def test_malformed_form_is_the_clients_fault(
    staff_client: Client, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    type_ = "multipart/form-data; boundary=x"
    response = staff_client.post("/api/challenges", b"x" * 5000, content_type=type_)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
