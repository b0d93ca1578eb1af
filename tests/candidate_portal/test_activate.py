"""POST /api/interviews/<id>/activate"""

import pytest
from django.test import Client

from interviews.lifecycle import PROVISIONING, Status
from operations import models
from tests.conftest import fresh


def activate(client, interview, body, **headers):
    return client.post(
        f"/api/interviews/{interview.id}/activate",
        body,
        content_type="application/json",
        headers=headers,
    )


def test_activation_returns_the_operation(client, take_home):
    answer = activate(client, take_home, {"passcode": take_home.passcode})
    assert answer.status_code == 202
    assert answer.json() == {
        "operationId": fresh(take_home).operation_id,
        "interviewId": take_home.id,
    }
    assert answer["Cache-Control"] == "no-store, private"
    assert fresh(take_home).timeline[-1].by == "candidate"


def test_activation_is_idempotent(client, take_home):
    answers = [activate(client, take_home, {"passcode": take_home.passcode}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({answer.text for answer in answers}) == 1
    assert len(models.list_operations(take_home.id)) == 1


def test_activation_in_a_wrong_state_is_a_conflict(client, interview_in):
    for status in set(Status) - PROVISIONING - {Status.AVAILABLE, Status.SCHEDULED}:
        interview = interview_in(status)
        answer = activate(client, interview, {"passcode": interview.passcode})
        assert (status, answer.status_code) == (status, 409)
        assert answer.json()["error"]["code"] == "wrong_state"
        assert answer.json()["error"]["message"]
        assert fresh(interview).state is status


def test_wrong_passcodes_get_the_same_response(client, invite):
    mine, other = invite(), invite()
    answers = [
        activate(client, mine, {"passcode": other.passcode}),
        activate(client, mine, {"passcode": "ZZZZZZZZ"}),
        activate(client, mine, {"passcode": ""}),
        activate(client, mine, {"passcode": None}),
        activate(client, mine, {}),
        client.post(f"/api/interviews/{mine.id}/activate", content_type="application/json"),
        client.post(
            "/api/interviews/takehome-0-none/activate",
            {"passcode": mine.passcode},
            content_type="application/json",
        ),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert [fresh(each).state for each in (mine, other)] == [Status.AVAILABLE] * 2


@pytest.mark.parametrize("passcode", [7, ["ABCD2345"], {"a": 1}, "Z" * 101])
def test_invalid_passcode_is_named(client, take_home, passcode):
    answer = activate(client, take_home, {"passcode": passcode})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "passcode"


def test_staff_needs_no_passcode(client, take_home, staff):
    client.force_login(staff)
    assert activate(client, take_home, {}).status_code == 202
    assert fresh(take_home).timeline[-1].by == "recruiter"


def test_unknown_id_is_not_found_for_staff(client, take_home, staff):
    client.force_login(staff)
    answer = client.post("/api/interviews/nothing/activate", {}, content_type="application/json")
    assert answer.status_code == 404


def test_staff_session_without_csrf_token_is_refused(take_home, staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    assert activate(client, take_home, {}).status_code == 403
    assert fresh(take_home).state is Status.AVAILABLE


def test_outsider_needs_the_passcode(client, take_home, outsider):
    client.force_login(outsider)
    assert activate(client, take_home, {}).status_code == 404
    assert fresh(take_home).state is Status.AVAILABLE


def test_live_interview_is_not_started_by_its_candidate(client, schedule):
    interview = schedule()
    answer = activate(client, interview, {"passcode": interview.passcode})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        409,
        "Your interviewers start a live interview.",
    )
    assert fresh(interview).state is Status.SCHEDULED


def test_staff_starts_a_live_interview_early(client, schedule, staff):
    client.force_login(staff)
    assert activate(client, interview := schedule(), {}).status_code == 202
    assert fresh(interview).state is Status.ACTIVATED


def test_get_is_not_allowed(client, take_home):
    assert client.get(f"/api/interviews/{take_home.id}/activate").status_code == 405
