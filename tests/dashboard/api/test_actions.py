"""Actions on a test through the API: revoke, destroy, retry."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from interviews.models import Interview
from operations import actions
from tests.conftest import fresh, run_until_idle
from tests.dashboard.http import post
from tests.fakes import BlocksProvision


def test_revoke_of_an_invitation_needs_no_operation(
    staff_client: Client, take_home: Interview
) -> None:
    response = post(staff_client, f"/api/takehome/{take_home.passcode}/revoke")
    assert response.status_code == 202
    assert response.json() == {"interviewId": take_home.id, "operationId": None}
    assert fresh(take_home).status == "revoked"


def test_revoke_of_a_running_test_tells_its_operation_and_repeats_itself(
    staff_client: Client, running: Interview
) -> None:
    answers = [
        post(staff_client, f"/api/takehome/{running.passcode}/revoke").json() for _ in range(2)
    ]
    assert answers == [{"interviewId": running.id, "operationId": fresh(running).operation_id}] * 2
    assert run_until_idle(running).status == "revoked"


def test_revoke_while_provisioning_works(
    staff_client: Client, take_home: Interview, use_engine: Callable[..., object]
) -> None:
    use_engine(BlocksProvision())
    actions.activate(take_home, by="candidate")
    assert post(staff_client, f"/api/takehome/{take_home.passcode}/revoke").status_code == 202
    assert fresh(take_home).status == "destroying"


@pytest.mark.parametrize("passcode", ["AAAAAAAA", "short", "x" * 3000])
def test_revoke_of_an_unknown_passcode_is_not_found(
    staff_client: Client, tables: None, passcode: str
) -> None:
    response = post(staff_client, f"/api/takehome/{passcode}/revoke")
    assert response.status_code == 404
    message = "There's no take-home test with this passcode."
    assert response.json() == {"error": {"code": "not_found", "message": message}}


def test_revoke_of_what_is_over_is_a_conflict(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    interview = in_state("completed")
    response = post(staff_client, f"/api/takehome/{interview.passcode}/revoke")
    assert response.status_code == 409
    message = "This can't be withdrawn any more. Status: Finished."
    assert response.json() == {"error": {"code": "wrong_state", "message": message}}


def test_revoke_of_a_test_that_is_ending_is_a_conflict_and_leaves_it_alone(
    staff_client: Client, running: Interview
) -> None:
    actions.submit(running, by="candidate")
    for address in (f"takehome/{running.passcode}/revoke", f"interviews/{running.id}/cancel"):
        response = post(staff_client, f"/api/{address}")
        assert response.status_code == 409
        message = "This can't be withdrawn any more. Status: Saving."
        assert response.json() == {"error": {"code": "wrong_state", "message": message}}
    ended = run_until_idle(running)
    assert (ended.status, ended.end_reason) == ("completed", "submitted")


@pytest.mark.parametrize(("body", "saves"), [(None, True), ({}, True), ({"save": False}, False)])
def test_destroy_saves_unless_told_not_to(
    staff_client: Client, running: Interview, body: Any, saves: bool
) -> None:
    response = post(staff_client, f"/api/interviews/{running.id}/destroy", body)
    assert response.status_code == 202
    assert response.json() == {
        "interviewId": running.id,
        "operationId": fresh(running).operation_id,
    }
    ended = run_until_idle(running)
    assert (ended.status, ended.history_s3_key is not None) == ("completed", saves)


@pytest.mark.parametrize("value", ["no", 0, None])
def test_destroy_refuses_what_is_not_yes_or_no(
    staff_client: Client, running: Interview, value: Any
) -> None:
    response = post(staff_client, f"/api/interviews/{running.id}/destroy", {"save": value})
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "save"
    assert fresh(running).status == "active"


def test_destroy_of_an_invitation_is_a_conflict(staff_client: Client, take_home: Interview) -> None:
    assert post(staff_client, f"/api/interviews/{take_home.id}/destroy").status_code == 409


def test_retry_provisions_what_failed(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    interview = in_state("error")
    response = post(staff_client, f"/api/interviews/{interview.id}/retry")
    assert response.status_code == 202
    assert response.json()["operationId"] == fresh(interview).operation_id
    assert fresh(interview).status == "activated"


def test_retry_of_what_did_not_fail_is_a_conflict(staff_client: Client, running: Interview) -> None:
    assert post(staff_client, f"/api/interviews/{running.id}/retry").status_code == 409
