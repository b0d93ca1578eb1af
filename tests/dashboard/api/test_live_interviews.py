"""Live interviews, more time and reopening through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from interviews import queries
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions
from tests.conftest import fresh, run_until_idle
from tests.dashboard.http import iso, post

pytestmark = pytest.mark.django_db
WANTED: dict[str, Any] = {"candidateName": "Grace", "challenge": "word-count"}


def test_a_scheduled_interview_tells_what_the_candidate_is_given(
    staff_client: Client, challenge: Challenge
) -> None:
    at = now() + timedelta(days=40)
    answer = post(staff_client, "/api/interviews", WANTED | {"scheduledAt": at.isoformat()})
    assert answer.status_code == 201
    found = answer.json()["interview"]
    row = fresh(queries.list_page("regular").items[0])
    assert (found["id"], found["type"], found["status"]) == (row.id, "regular", "scheduled")
    assert found["scheduledAt"] == iso(at)
    assert (found["joinPath"], found["password"]) == (f"/interview/{row.passcode}/", row.password)
    assert (found["durationMinutes"], found["saveFiles"], found["accessUrl"]) == (60, True, None)


def test_the_password_of_an_ended_interview_is_told_to_nobody(
    staff_client: Client, challenge: Challenge
) -> None:
    made = post(
        staff_client, "/api/interviews", WANTED | {"scheduledAt": iso(now() + timedelta(days=1))}
    )
    id_ = made.json()["interview"]["id"]
    assert post(staff_client, f"/api/interviews/{id_}/cancel").status_code == 202
    found = staff_client.get(f"/api/interviews/{id_}").json()
    assert (found["status"], found["password"]) == ("cancelled", None)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2020-01-01T10:00:00Z", "This must be a time that is still to come."),
        ("2999-01-01T10:00:00Z", "This must be within the next 366 days."),
        (
            "2027-01-01T10:00:00",
            "This must name its offset from UTC, as in 2030-05-04T09:30:00+02:00.",
        ),
        ("tomorrow", "This must be a time such as 2030-05-04T09:30:00+02:00."),
        (1_900_000_000, "This must be a time such as 2030-05-04T09:30:00+02:00."),
    ],
)
def test_a_time_that_cannot_be_names_its_field(
    staff_client: Client, challenge: Challenge, value: Any, message: str
) -> None:
    answer = post(staff_client, "/api/interviews", WANTED | {"scheduledAt": value})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["field"], error["message"]) == ("scheduledAt", message)
    assert queries.list_page("regular").items == []


def test_more_time_answers_the_interview_as_it_is_now(
    staff_client: Client, running: Interview
) -> None:
    ends = running.auto_destroy_at
    answer = post(staff_client, f"/api/interviews/{running.id}/extend", {"minutes": 15})
    assert answer.status_code == 200
    assert answer.json()["autoDestroyAt"] == iso(ends + timedelta(minutes=15))
    assert answer.json()["timeline"][-1]["what"] == "extended"


@pytest.mark.parametrize("minutes", [10**9, -481, 0, "15", 1.5, None])
def test_minutes_that_cannot_be_name_their_field(
    staff_client: Client, running: Interview, minutes: Any
) -> None:
    answer = post(staff_client, f"/api/interviews/{running.id}/extend", {"minutes": minutes})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "minutes")


def test_an_ended_test_has_no_more_time(staff_client: Client, take_home: Interview) -> None:
    actions.revoke(take_home, by="recruiter")
    answer = post(staff_client, f"/api/interviews/{take_home.id}/extend", {"minutes": 15})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


def test_an_ended_test_is_opened_again(staff_client: Client, running: Interview) -> None:
    actions.submit(running, by="candidate")
    run_until_idle(running)
    answer = post(staff_client, f"/api/interviews/{running.id}/reopen", {"minutes": 20})
    assert (answer.status_code, answer.json()["operationId"]) == (202, fresh(running).operation_id)
    assert run_until_idle(running).status == "active"
    assert staff_client.get(f"/api/interviews/{running.id}").json()["lengthMinutes"] == 20


def test_a_running_test_cannot_be_opened_again(staff_client: Client, running: Interview) -> None:
    answer = post(staff_client, f"/api/interviews/{running.id}/reopen", {"minutes": 20})
    assert answer.status_code == 409


@pytest.mark.parametrize("path", ["extend", "reopen", "cancel"])
def test_whoever_is_not_staff_is_kept_out(
    client: Client, outsider: Any, take_home: Interview, path: str
) -> None:
    address = f"/api/interviews/{take_home.id}/{path}"
    assert post(client, address, {"minutes": 5}).status_code == 401
    client.force_login(outsider)
    assert post(client, address, {"minutes": 5}).status_code == 403
    assert fresh(take_home).serialize() == take_home.serialize()
