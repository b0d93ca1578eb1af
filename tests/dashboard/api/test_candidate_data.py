"""Candidate data in the API: shown, exported, deleted."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import fields

import pytest
from django.test import Client

from dashboard.permissions.roles import REVIEWER
from interviews import queries
from interviews.models import Interview
from operations.candidate_data.inventory import Inventory
from operations.reviews.decisions import decide
from operations.reviews.schemas import DecisionInput
from tests.conftest import member
from tests.dashboard.http import post
from tests.reviewing import finish, submit

URL = "/api/candidate-data"
ADA = "ada@example.com"


@pytest.fixture
def ada(invite: Callable[..., Interview]) -> Interview:
    return invite(candidate_email="Ada@Example.com")


def test_what_is_stored_is_counted(staff_client: Client, ada: Interview) -> None:
    for who in ({"email": ADA}, {"interviewId": ada.id}):
        body = post(staff_client, URL, who).json()
        assert body["interviewIds"] == [ada.id]
        assert body["stored"]["interviews"] == 1
        assert body["stored"]["archives"] == 0


def test_reviews_and_decisions_are_counted_apart(staff_client: Client, ada: Interview) -> None:
    for name in ("rita", "rob"):
        submit(finish(ada), member(name, REVIEWER))
    decide(ada, DecisionInput(outcome="reject", reason="Weak tests."), by="admin")
    stored = post(staff_client, URL, {"email": ADA}).json()["stored"]
    assert (stored["reviews"], stored["decisions"]) == (2, 1)
    deleted = post(staff_client, f"{URL}/delete", {"email": ADA}).json()["deleted"]
    assert (deleted["reviews"], deleted["decisions"]) == (2, 1)


def test_every_kind_that_is_counted_is_answered(staff_client: Client, ada: Interview) -> None:
    stored = post(staff_client, URL, {"email": ADA}).json()["stored"]
    assert len(stored) == len(fields(Inventory))


def test_export_is_a_zip_file(staff_client: Client, ada: Interview) -> None:
    response = post(staff_client, f"{URL}/export", {"email": ADA})
    assert response["Content-Type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(response.getvalue())).testzip() is None


def test_delete_says_what_was_done(staff_client: Client, ada: Interview) -> None:
    body = post(staff_client, f"{URL}/delete", {"interviewId": ada.id}).json()
    assert body["deleted"]["interviews"] == 1
    assert (body["running"], body["ending"], body["failed"]) == ([], [], [])
    assert queries.get_interview(ada.id) is None


def test_running_test_is_named(staff_client: Client, running: Interview) -> None:
    running.change(candidate_email=ADA)
    body = post(staff_client, f"{URL}/delete", {"email": ADA}).json()
    assert (body["running"], body["deleted"]["interviews"]) == ([running.id], 0)
    body = post(staff_client, f"{URL}/delete", {"email": ADA, "endRunning": True}).json()
    assert (body["running"], body["ending"]) == ([], [running.id])


@pytest.mark.parametrize("body", [{}, {"email": " "}, {"email": ADA, "interviewId": "x"}])
def test_exactly_one_of_both_names_the_candidate(
    staff_client: Client, ada: Interview, body: dict[str, str]
) -> None:
    for part in ("", "/export", "/delete"):
        response = post(staff_client, URL + part, body)
        assert response.status_code == 422
        assert response.json()["error"]["message"] == "Send either email or interviewId."


def test_unknown_interview_is_not_found(staff_client: Client) -> None:
    assert post(staff_client, URL, {"interviewId": "no-such"}).status_code == 404
