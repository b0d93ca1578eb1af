"""Errors of the API: each is JSON with a code and a sentence."""

import json
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from pynamodb.exceptions import PynamoDBConnectionError, QueryError, TableError

from interviews import queries
from interviews.models import Interview, StaleWriteError
from interviews.schemas.validation_messages import REQUIRED
from operations import actions
from takehome_platform.errors import STORE_UNAVAILABLE
from tests.takehome_platform.api.endpoints.requests import error

BODY = {"candidateName": "Ada", "challenge": "word-count"}


def invite(client: Client, body: bytes | str, content_type: str = "application/json") -> Any:
    return client.post("/api/takehome", body, content_type=content_type)


@pytest.mark.parametrize("path", ["/api/", "/api/nope", "/api/takehome/", "/api/interviews/a/b/c"])
def test_unknown_address_is_not_found_in_json(staff_client: Client, path: str) -> None:
    message = "There's nothing at this address."
    assert error(staff_client.get(path)) == (404, {"code": "not_found", "message": message})


def test_wrong_method_is_told_in_json_with_the_right_ones(staff_client: Client) -> None:
    response = staff_client.delete("/api/takehome")
    message = "This address doesn't accept this method."
    assert error(response) == (405, {"code": "method_not_allowed", "message": message})
    assert sorted(response["Allow"].split(", ")) == ["GET", "POST"]


def test_anonymous_is_told_to_sign_in(db: None, client: Client) -> None:
    message = "Sign in first, at /login/."
    expected = (401, {"code": "not_signed_in", "message": message})
    assert error(client.get("/api/takehome")) == expected
    assert error(invite(client, json.dumps(BODY))) == expected


def test_outsider_is_told_that_it_is_for_staff(client: Client, outsider: User) -> None:
    client.force_login(outsider)
    message = "Only staff with a role may do this."
    assert error(client.get("/api/takehome")) == (403, {"code": "forbidden", "message": message})


def test_write_needs_the_csrf_token_and_a_read_does_not(staff: User, challenge: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    assert strict.get("/api/takehome").status_code == 200
    status, problem = error(invite(strict, json.dumps(BODY)))
    assert (status, problem["code"]) == (403, "forbidden")
    strict.get("/")
    token = strict.cookies["csrftoken"].value
    headers = {"X-CSRFToken": token}
    answer = strict.post(
        "/api/takehome", json.dumps(BODY), content_type="application/json", headers=headers
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"{'a': 1}",
        b'{"durationMinutes": NaN}',
        b"[" * 100_000,
        b'{"durationMinutes": ' + b"9" * 5000 + b"}",
        b"[]",
        b"null",
        b'"text"',
        b"5",
    ],
)
def test_what_is_no_json_object_is_refused(
    staff_client: Client, challenge: Any, body: bytes
) -> None:
    message = "The body must be a JSON object."
    assert error(invite(staff_client, body)) == (400, {"code": "bad_json", "message": message})


def test_empty_body_is_refused(staff_client: Client, challenge: Any) -> None:
    expected = {"code": "invalid", "message": "This field is required.", "field": "body"}
    assert error(invite(staff_client, "")) == (422, expected)


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_error_is_in_the_language_of_the_client(staff_client: Client, language: str) -> None:
    with translation.override(language):
        message = str(REQUIRED)
    answer = staff_client.post(
        "/api/takehome",
        "",
        content_type="application/json",
        headers={"accept-language": language},
    )
    assert error(answer) == (422, {"code": "invalid", "message": message, "field": "body"})
    assert ("required" in message) == (language == "en")


def test_body_larger_than_a_megabyte_is_refused(staff_client: Client, challenge: Any) -> None:
    body = json.dumps(BODY | {"customInstructions": "x" * 1024 * 1024})
    message = "The body is larger than 1 MB."
    assert error(invite(staff_client, body)) == (413, {"code": "too_large", "message": message})


def test_lost_race_is_a_conflict(
    staff_client: Client, take_home: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(interview: Interview, *, by: str, notify: bool) -> None:
        raise StaleWriteError(interview.id)

    monkeypatch.setattr(actions, "revoke", lose)
    status, problem = error(staff_client.post(f"/api/takehome/{take_home.passcode}/revoke"))
    assert (status, problem["code"]) == (409, "wrong_state")


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise QueryError("no answer", cause=PynamoDBConnectionError("refused"))

    monkeypatch.setattr(queries, "list_page", fail)


def test_tables_away_is_503_in_json(staff_client: Client, away: None) -> None:
    response = staff_client.get("/api/takehome")
    assert error(response) == (503, {"code": "unavailable", "message": str(STORE_UNAVAILABLE)})
    assert response["Retry-After"] == "10"


def test_tables_away_is_a_page_with_a_sentence(staff_client: Client, away: None) -> None:
    response = staff_client.get("/")
    assert response.status_code == 503
    assert str(STORE_UNAVAILABLE) in unescape(response.content.decode())
    assert "No open tests" not in response.content.decode()


def test_tables_away_is_a_sentence_in_place_of_a_fragment(staff_client: Client, away: None) -> None:
    response = staff_client.get("/", headers={"HX-Request": "true"})
    assert (response.status_code, response.content.decode()) == (503, str(STORE_UNAVAILABLE))


def test_tables_that_were_never_made_are_503(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise TableError("no such table")

    monkeypatch.setattr(queries, "list_page", fail)
    assert error(staff_client.get("/api/takehome"))[0] == 503


def test_fault_of_ours_is_500_in_json_without_its_details(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(queries, "list_page", fail)
    client.force_login(staff)
    client.raise_request_exception = False
    message = "Something went wrong. We've logged the error."
    assert error(client.get("/api/takehome")) == (
        500,
        {"code": "server_error", "message": message},
    )


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", ["/", "/api/takehome"])
def test_fault_18_no_page_of_a_fault_shows_what_was_in_hand(
    tables: None,
    client: Client,
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    debug: bool,
    path: str,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        password = "hunter2-hunter2"
        raise ZeroDivisionError(len(password))

    settings.DEBUG = debug
    monkeypatch.setattr(queries, "list_page", fail)
    client.force_login(staff)
    client.raise_request_exception = False
    response = client.get(path)
    assert response.status_code == 500
    assert b"hunter2" not in response.content
    assert b"Traceback" not in response.content


def test_a_fragment_of_a_page_with_no_address_leads_to_the_sign_in(client: Client) -> None:
    response = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://["})
    assert (response.status_code, response["HX-Redirect"]) == (401, "/login/?next=%2F")
