"""POST and GET /api/takehome: complete responses, and refusals."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from interviews import queries
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from tests.dashboard.http import iso, post

INVITATION = {
    "candidateName": "Ada Lovelace",
    "challenge": "word-count",
    "durationMinutes": 90,
    "validDays": 3,
    "customInstructions": "Bring tea.",
}


def invitations() -> list[Interview]:
    return queries.list_page("take-home").items


def as_json(interview: Interview, **different: Any) -> dict[str, Any]:
    """The API's JSON of an invitation that was not started."""
    return {
        "id": interview.id,
        "type": "take-home",
        "status": "available",
        "candidateName": "Ada Lovelace",
        "candidateEmail": None,
        "challenge": "word-count",
        "challengeVersion": 1,
        "customInstructions": "Bring tea.",
        "durationMinutes": 90,
        "allowancePercent": None,
        "extraSeconds": None,
        "lengthMinutes": 90,
        "joinPath": f"/take-home/{interview.passcode}/",
        "saveFiles": True,
        "interviewers": [],
        "createdBy": "recruiter",
        "passcode": interview.passcode,
        "validUntil": iso(interview.created_at + timedelta(days=3)),
        "scheduledAt": None,
        "scheduledLocal": None,
        "timeZone": None,
        "changedReading": None,
        "createdAt": iso(interview.created_at),
        "updatedAt": iso(interview.created_at),
        "activatedAt": None,
        "readyAt": None,
        "autoDestroyAt": None,
        "pausedAt": None,
        "timeChanges": None,
        "timeChangesSeen": None,
        "reopened": None,
        "completedAt": None,
        "destroyedAt": None,
        "operationId": None,
        "attempts": 0,
        "queue": None,
        "provisioner": None,
        "accessUrl": None,
        "password": None,
        "failedStep": None,
        "problem": None,
        "endReason": None,
        "historyS3Key": None,
        "archiveBytes": None,
        "notSaved": [],
        "notSavedCount": 0,
        "archiveSha256": None,
        "earlierArchives": [],
        "decision": None,
        "sittings": [],
        **dict.fromkeys(("feedbackRating", "feedbackText", "feedbackAt")),
        **dict.fromkeys(("confirmedPolicy", "policyConfirmedAt")),
        "timeline": [
            {
                "status": "available",
                "at": iso(interview.created_at),
                "by": "recruiter",
                "what": None,
                "seconds": None,
                "changed": None,
                "movedTo": None,
                "text": None,
            }
        ],
    } | different


def test_invite_answers_201_with_the_whole_interview(
    staff_client: Client, challenge: Challenge
) -> None:
    response = post(staff_client, "/api/takehome", INVITATION)
    [interview] = invitations()
    assert response.status_code == 201
    assert response.json() == {"interview": as_json(interview)}


def test_invite_fills_in_the_usual(staff_client: Client, challenge: Challenge) -> None:
    response = post(
        staff_client, "/api/takehome", {"candidateName": "Ada", "challenge": "word-count"}
    )
    found = response.json()["interview"]
    assert (found["durationMinutes"], found["customInstructions"]) == (240, "")
    assert found["validUntil"] == iso(invitations()[0].created_at + timedelta(days=7))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("candidateName", "", "Enter the candidate's name."),
        ("candidateName", " \n ", "Enter the candidate's name."),
        ("candidateName", "x" * 10_000, "Enter 200 characters or fewer."),
        ("candidateName", 5, "Enter text."),
        ("candidateName", None, "Enter text."),
        ("candidateName", "\ud800", "Enter text."),
        ("candidateName", "a\u0007b", "Control characters aren't allowed here."),
        ("challenge", "", "Choose a challenge."),
        ("challenge", "unknown", "This challenge isn't available. Choose another one."),
        ("challenge", ["word-count"], "Enter text."),
        ("durationMinutes", 0, "Enter 1 or more."),
        ("durationMinutes", -1, "Enter 1 or more."),
        ("durationMinutes", 10**9, "Enter 480 or less."),
        ("durationMinutes", 10**400, "Enter 480 or less."),
        ("durationMinutes", "abc", "Enter a whole number."),
        ("durationMinutes", "60", "Enter a whole number."),
        ("durationMinutes", 60.5, "Enter a whole number."),
        ("durationMinutes", True, "Enter a whole number."),
        ("durationMinutes", None, "Enter a whole number."),
        ("validDays", 0, "Enter 1 or more."),
        ("validDays", 31, "Enter 30 or less."),
        ("customInstructions", "x" * 5001, "Enter 5000 characters or fewer."),
    ],
)
def test_invite_refuses_bad_input_and_names_the_field(
    staff_client: Client, challenge: Challenge, field: str, value: Any, message: str
) -> None:
    response = post(staff_client, "/api/takehome", INVITATION | {field: value})
    assert response.status_code == 422
    assert response.json() == {"error": {"code": "invalid", "message": message, "field": field}}
    assert invitations() == []


@pytest.mark.parametrize("field", ["candidateName", "challenge"])
def test_invite_names_the_field_that_is_missing(
    staff_client: Client, challenge: Challenge, field: str
) -> None:
    body = {name: value for name, value in INVITATION.items() if name != field}
    response = post(staff_client, "/api/takehome", body)
    assert response.status_code == 422
    error = {"code": "invalid", "message": "This field is required.", "field": field}
    assert response.json() == {"error": error}


def test_list_is_items_and_next(
    staff_client: Client, challenge: Challenge, regular: Interview
) -> None:
    post(staff_client, "/api/takehome", INVITATION)
    [interview] = invitations()
    assert staff_client.get("/api/takehome").json() == {"items": [as_json(interview)], "next": None}
    assert staff_client.get("/api/takehome?ended=true").json() == {"items": [], "next": None}


def test_list_goes_on_where_its_cursor_says(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    ids = []
    for number in range(51):
        interview = invite()
        interview.created_at = now() - timedelta(minutes=number)
        interview.save()
        ids.append(interview.id)
    first = staff_client.get("/api/takehome").json()
    second = staff_client.get("/api/takehome", {"cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["abc", "W10", "\x00", "x" * 5000])
def test_list_refuses_a_cursor_that_it_did_not_give_out(
    staff_client: Client, tables: None, cursor: str
) -> None:
    response = staff_client.get("/api/takehome", {"cursor": cursor})
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "cursor"


def credentials_in(
    client: Client, interview: Interview, listed_at: str
) -> list[tuple[str | None, str | None]]:
    """URL and password as the interview itself and the list tell them."""
    single = client.get(f"/api/interviews/{interview.id}").json()
    listed = client.get(listed_at).json()["items"]
    found = [single, *(item for item in listed if item["id"] == interview.id)]
    return [(each["accessUrl"], each["password"]) for each in found]


@pytest.mark.parametrize("status", Status)
def test_the_workspaces_address_is_told_while_it_runs_and_in_no_other_status(
    staff_client: Client, in_state: Callable[..., Interview], status: Status
) -> None:
    """Also while a row still holds them."""
    held = ("http://127.0.0.1:9/secret/", "pass-word-word")
    interview = in_state(status.value, access_url=held[0], password=held[1])
    told = credentials_in(staff_client, interview, "/api/takehome")
    expected = held if status == "active" else (None, None)
    assert len(told) >= 1
    assert set(told) == {expected}


@pytest.mark.parametrize("status", Status)
def test_a_live_interviews_address_is_told_while_it_runs_and_its_password_until_it_ends(
    staff_client: Client, live_in_state: Callable[..., Interview], status: Status
) -> None:
    held = ("http://127.0.0.1:9/secret/", "pass-word-word")
    interview = live_in_state(status.value, access_url=held[0], password=held[1])
    told = credentials_in(staff_client, interview, "/api/interviews")
    over = {"destroying", "completed", "expired", "revoked", "cancelled"}
    address = held[0] if status == "active" else None
    password = None if status in over else held[1]
    assert set(told) == {(address, password)}


def test_credentials_are_told_only_while_the_workspace_is_there(
    staff_client: Client, running: Interview
) -> None:
    shown = staff_client.get(f"/api/interviews/{running.id}").json()
    assert (shown["accessUrl"], shown["password"]) == (running.access_url, running.password)
    for status in ("activated", "initializing", "configuring", "error", "destroying"):
        running.status = status
        running.save()
        for address in (f"/api/interviews/{running.id}", "/api/takehome"):
            assert running.password not in staff_client.get(address).content.decode(), status
