"""Operations, their logs, and the active challenges in the API."""

from typing import Any

import pytest
from django.test import Client

from interviews.models import Interview
from operations import actions, models, operation_log
from operations.worker import runner
from tests.conftest import fresh, operation_of
from tests.dashboard.http import iso, post


def operation_json(operation: models.Operation, **different: Any) -> dict[str, Any]:
    return {
        "id": operation.id,
        "interviewId": operation.interview_id,
        "type": "create",
        "status": "completed",
        "step": "configure",
        "error": None,
        "attempts": 1,
        "requestedBy": "candidate",
        "createdAt": iso(operation.created_at),
        "startedAt": iso(operation.started_at),
        "finishedAt": iso(operation.finished_at),
    } | different


def test_operations_of_an_interview(staff_client: Client, running: Interview) -> None:
    operation = operation_of(running)
    expected = operation_json(operation)
    assert staff_client.get(f"/api/operations?interviewId={running.id}").json() == {
        "items": [expected],
        "next": None,
    }
    assert staff_client.get(f"/api/operations/{operation.id}").json() == expected


def test_operations_need_an_interview(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/api/operations")
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "interviewId"
    assert staff_client.get("/api/operations?interviewId=none").status_code == 404


def test_logs_go_on_after_a_line(staff_client: Client, running: Interview) -> None:
    operation = operation_of(running)
    lines = operation_log.read_lines(operation.id)
    first = staff_client.get(f"/api/operations/{operation.id}/logs").json()
    assert first == {
        "items": [
            {
                "seq": str(int(line.seq)),
                "at": iso(line.at),
                "level": "info",
                "message": line.message,
            }
            for line in lines
        ],
        "next": None,
    }
    after = first["items"][1]["seq"]
    rest = staff_client.get(f"/api/operations/{operation.id}/logs?after={after}").json()
    assert rest["items"] == first["items"][2:]


@pytest.mark.parametrize("after", ["abc", "-1", "1.5", "1" + "0" * 30])
def test_logs_refuse_a_line_that_cannot_be(
    staff_client: Client, running: Interview, after: str
) -> None:
    operation = operation_of(running)
    response = staff_client.get(f"/api/operations/{operation.id}/logs?after={after}")
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "after"


def test_cancel_stops_what_provisions(staff_client: Client, take_home: Interview) -> None:
    operation_id = actions.activate(take_home, by="candidate")
    response = post(staff_client, f"/api/operations/{operation_id}/cancel")
    assert response.status_code == 202
    assert response.json() == {"interviewId": take_home.id, "operationId": operation_id}
    assert fresh(take_home).status == "error"
    runner.run_operation(operation_id)
    assert fresh(take_home).status == "error"


def test_cancel_of_a_teardown_is_a_conflict(staff_client: Client, running: Interview) -> None:
    operation_id = post(staff_client, f"/api/interviews/{running.id}/destroy").json()["operationId"]
    assert post(staff_client, f"/api/operations/{operation_id}/cancel").status_code == 409


@pytest.mark.parametrize("path", ["interviews/{}", "interviews/{}/files", "operations/{}"])
@pytest.mark.parametrize("unknown", ["none", "x" * 3000, "%00", "..%2f"])
def test_unknown_ids_are_not_found(
    staff_client: Client, tables: None, path: str, unknown: str
) -> None:
    response = staff_client.get(f"/api/{path.format(unknown)}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
