"""Live interviews, more time and reopening through the API."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
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
        ("2020-01-01T10:00:00Z", "Enter a time in the future."),
        ("2999-01-01T10:00:00Z", "Enter a time within the next 366 days."),
        (
            "2027-01-01T10:00:00",
            "Include the offset from UTC, as in 2030-05-04T09:30:00+02:00.",
        ),
        ("tomorrow", "Enter a date and time such as 2030-05-04T09:30:00+02:00."),
        # With an id of its own: each process that collects has another second.
        pytest.param(
            int(time.time()) + 86_400,
            "Enter a date and time such as 2030-05-04T09:30:00+02:00.",
            id="a number",
        ),
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


SAID = {"scheduledLocal": "2027-01-15T10:00", "timeZone": "Europe/Berlin"}
IN_UTC = "2027-01-15T09:00:00Z"


@pytest.fixture
def new_year() -> Iterator[None]:
    """Before the session of a client, which would have expired by then."""
    with time_machine.travel("2027-01-01T00:00Z", tick=False):
        yield


@pytest.mark.parametrize(
    "sent",
    [
        SAID,
        {"scheduledAt": IN_UTC, "timeZone": "Europe/Berlin"},
        SAID | {"scheduledAt": IN_UTC},
        SAID | {"scheduledAt": "2027-01-15T18:00:00+09:00"},
    ],
)
def test_what_was_said_is_kept_beside_the_instant(
    new_year: None, staff_client: Client, challenge: Challenge, sent: dict[str, Any]
) -> None:
    answer = post(staff_client, "/api/interviews", WANTED | sent)
    assert answer.status_code == 201
    found = answer.json()["interview"]
    names = ("scheduledAt", "scheduledLocal", "timeZone")
    assert [found[name] for name in names] == [IN_UTC, "2027-01-15T10:00", "Europe/Berlin"]
    row = queries.get_interview(found["id"])
    assert (row.scheduled_local, row.declined_reading) == ("2027-01-15T10:00", None)


def test_a_local_time_and_another_instant_need_a_confirmation(
    new_year: None, staff_client: Client, challenge: Challenge
) -> None:
    sent = WANTED | SAID | {"scheduledAt": "2027-01-15T08:00:00Z"}
    refused = post(staff_client, "/api/interviews", sent)
    assert refused.status_code == 422
    assert refused.json()["error"] == {
        "code": "invalid",
        "field": "scheduledLocal",
        "message": "This is 09:00 UTC in Europe/Berlin by this server's time zone data, but "
        "scheduledAt is 08:00 UTC.",
    }
    assert queries.list_page("regular").items == []
    answer = post(staff_client, "/api/interviews", sent | {"confirmOffset": True})
    assert answer.status_code == 201
    row = queries.get_interview(answer.json()["interview"]["id"])
    assert iso(row.scheduled_at) == sent["scheduledAt"]
    assert (row.scheduled_local, iso(row.declined_reading)) == (SAID["scheduledLocal"], IN_UTC)


@pytest.mark.parametrize(
    ("local", "message"),
    [
        ("2026-12-31T10:00", "Enter a time in the future."),
        ("tomorrow", "Enter a valid date"),
        ("2027-10-31T02:30", "This time occurs twice in its time zone. Send scheduledAt as well."),
        ("2027-03-28T02:30", "On 28 Mar 2027, clocks in Europe/Berlin"),
    ],
)
def test_a_local_time_that_cannot_be_names_its_field(
    new_year: None, staff_client: Client, challenge: Challenge, local: str, message: str
) -> None:
    answer = post(staff_client, "/api/interviews", WANTED | SAID | {"scheduledLocal": local})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "scheduledLocal")
    assert answer.json()["error"]["message"].startswith(message)


def test_a_local_time_that_comes_twice_is_told_by_its_instant(
    new_year: None, staff_client: Client, challenge: Challenge
) -> None:
    sent = {"scheduledLocal": "2027-10-31T02:30", "timeZone": "Europe/Berlin"}
    for at in ("2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"):
        answer = post(staff_client, "/api/interviews", WANTED | sent | {"scheduledAt": at})
        assert answer.json()["interview"]["scheduledAt"] == at


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


def test_interviewers_are_told_by_their_addresses(
    staff_client: Client, challenge: Challenge
) -> None:
    User.objects.create_user("mary", email="mary@example.com")
    at = iso(now() + timedelta(days=2))
    body = WANTED | {"scheduledAt": at, "interviewers": ["mary", "joan@example.com"]}
    found = post(staff_client, "/api/interviews", body).json()["interview"]
    assert found["interviewers"] == ["mary@example.com", "joan@example.com"]
    listed = staff_client.get("/api/interviews").json()["items"]
    assert [each["interviewers"] for each in listed] == [found["interviewers"]]
    changed = staff_client.patch(
        f"/api/interviews/{found['id']}", {"interviewers": []}, content_type="application/json"
    )
    assert (changed.status_code, changed.json()["interviewers"]) == (200, [])


@pytest.mark.parametrize(
    ("interviewers", "message"),
    [
        ("joan@example.com", "Enter a list."),
        (None, "Enter a list."),
        ([5], "Enter text."),
        ([""], "Remove the empty entry."),
        (
            ["joan@nowhere@"],
            "“joan@nowhere@” isn't a valid email address.",
        ),
        (
            ["a\nb"],
            "“a\nb” is neither an email address nor a username.",
        ),
        ([f"i{number}@example.com" for number in range(11)], "Enter 10 entries or fewer."),
        (["nobody"], "There is no active account “nobody”."),
        (["left"], "There is no active account “left”."),
        (["silent"], "The account “silent” has no email address. Enter the address instead."),
        (["GRACE@example.com"], "GRACE@example.com is the candidate's address."),
    ],
)
def test_an_interviewer_who_cannot_be_is_named(
    staff_client: Client, challenge: Challenge, interviewers: Any, message: str
) -> None:
    User.objects.create_user("left", email="left@example.com", is_active=False)
    User.objects.create_user("silent")
    at = iso(now() + timedelta(days=2))
    body = WANTED | {"scheduledAt": at, "candidateEmail": "grace@example.com"}
    answer = post(staff_client, "/api/interviews", body | {"interviewers": interviewers})
    error = answer.json()["error"]
    assert (answer.status_code, error["field"], error["message"]) == (422, "interviewers", message)
    assert queries.list_page("regular").items == []
