"""The description of the API, and what holds for every endpoint."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.permissions.roles import VIEWER
from tests.conftest import member
from tests.takehome_platform.api.endpoints.requests import error


def bearer(role: str) -> Client:
    """Whoever has a new token of that role."""
    _, text = api_tokens.create("ats", role, by="admin")
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_openapi_describes_every_endpoint_and_asks_for_the_session(staff_client: Client) -> None:
    described = staff_client.get("/api/openapi.json").json()["paths"]
    without_session = {
        f"{method} {path}"
        for path, methods in described.items()
        for method, operation in methods.items()
        if not operation.get("security")
    }
    assert without_session == {
        "get /api/interviews/by-passcode/{passcode}",
        "post /api/interviews/{interview_id}/activate",
        "post /api/interviews/{interview_id}/practice",
        "post /api/interviews/{interview_id}/practice/end",
        "post /api/interviews/{interview_id}/leave-line",
    }


def test_openapi_is_for_tokens_too_and_refuses_as_the_api_does(db: None) -> None:
    machine = bearer(VIEWER)
    assert "/api/takehome" in machine.get("/api/openapi.json").json()["paths"]
    unknown = Client(headers={"Authorization": "Bearer thp_nobody"})
    for stranger in (Client(), unknown):
        status, refusal = error(stranger.get("/api/openapi.json"))
        assert (status, refusal["code"]) == (401, "not_signed_in"), refusal
    # Its page is one for people.
    assert machine.get("/api/docs").status_code == 302


def test_openapi_page_needs_nothing_from_elsewhere(staff_client: Client) -> None:
    page = staff_client.get("/api/docs").content.decode()
    assert "https://" not in page
    assert "http://" not in page


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/takehome?q=nobody", "q"),
        ("/api/takehome?status=completed", "status"),
        ("/api/interviews?staus=completed", "staus"),
        ("/api/interviews?ended=true&since=2030-01-01", "since"),
        ("/api/webhooks?page=2", "page"),
        ("/api/audit?user=recruiter", "user"),
    ],
)
def test_parameter_that_is_unknown_is_refused_and_not_passed_over(
    staff_client: Client, tables: None, path: str, name: str
) -> None:
    message = f"There's no parameter “{name}” here."
    assert error(staff_client.get(path)) == (
        422,
        {"code": "invalid", "message": message, "field": name},
    )


@pytest.mark.parametrize(
    "path",
    [
        "/api/takehome?ended=true",
        "/api/interviews?q=ada&type=take-home&status=completed&from=2030-01-01&to=2030-01-02&zone=UTC",
        "/api/audit?person=ada&what=invited&interview=a&from=2030-01-01",
        "/api/start-times?weeks=2&dryRuns=true",
        "/api/challenges?archived=true",
    ],
)
def test_parameters_that_are_described_are_taken(
    staff_client: Client, tables: None, path: str
) -> None:
    assert staff_client.get(path).status_code == 200


@pytest.mark.parametrize("with_token", [True, False])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/takehome", "{}"),
        ("POST", "/api/takehome", "no JSON"),
        ("POST", "/api/interviews/takehome-1/extend", '{"minutes": "x"}'),
        ("POST", "/api/invitations/batch?durationMinutes=x", "{}"),
        ("GET", "/api/webhooks/x", ""),
        ("PUT", "/api/webhooks/1", "[]"),
        ("GET", "/api/audit?from=yesterday&x=y", ""),
    ],
)
def test_a_lesser_role_is_told_so_before_anything_that_it_sent_is_read(
    client: Client, db: None, method: str, path: str, body: str, with_token: bool
) -> None:
    if with_token:
        client = bearer(VIEWER)
    else:
        client.force_login(member("ada", VIEWER))
    response = client.generic(method, path, body, content_type="application/json")
    status, told = error(response)
    assert (status, told["code"]) == (403, "forbidden")
    assert told["message"].startswith("Your role doesn't have the permission “")


@pytest.mark.parametrize("with_token", [True, False])
def test_files_of_a_lesser_role_are_not_taken_in(
    db: None, monkeypatch: pytest.MonkeyPatch, with_token: bool
) -> None:
    def taken(*_: Any, **__: Any) -> None:
        raise AssertionError("A file was read.")

    monkeypatch.setattr("dashboard.uploads.handler.BoundedUpload.receive_data_chunk", taken)
    files = {"archive": SimpleUploadedFile("a.zip", b"x" * 100), "name": "Mine"}
    client = bearer(VIEWER) if with_token else Client(enforce_csrf_checks=True)
    if not with_token:
        client.force_login(member("ada", VIEWER))
    assert client.post("/api/challenges", files).status_code == 403


@pytest.mark.parametrize("header", ["Basic YWRhOmh1bnRlcjI=", "thp_hunter2", "Token thp_hunter2"])
def test_another_kind_of_authorization_is_refused_and_not_logged(
    db: None, settings: Any, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    settings.DEBUG = True
    response = Client(headers={"Authorization": header}).get("/api/takehome")
    assert error(response)[0] == 401
    assert header.split()[-1] not in caplog.text
