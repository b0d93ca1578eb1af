"""Operations, their logs, and the challenges on offer, as the API tells them."""

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


def test_operations_of_an_interview(desk: Client, running: Interview) -> None:
    operation = operation_of(running)
    expected = operation_json(operation)
    assert desk.get(f"/api/operations?interviewId={running.id}").json() == {
        "items": [expected],
        "next": None,
    }
    assert desk.get(f"/api/operations/{operation.id}").json() == expected


def test_operations_need_an_interview(desk: Client, tables: None) -> None:
    response = desk.get("/api/operations")
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "interviewId"
    assert desk.get("/api/operations?interviewId=none").status_code == 404


def test_logs_go_on_after_a_line(desk: Client, running: Interview) -> None:
    operation = operation_of(running)
    lines = operation_log.lines(operation.id)
    first = desk.get(f"/api/operations/{operation.id}/logs").json()
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
    rest = desk.get(f"/api/operations/{operation.id}/logs?after={after}").json()
    assert rest["items"] == first["items"][2:]


@pytest.mark.parametrize("after", ["abc", "-1", "1.5", "1" + "0" * 30])
def test_logs_refuse_a_line_that_cannot_be(desk: Client, running: Interview, after: str) -> None:
    operation = operation_of(running)
    response = desk.get(f"/api/operations/{operation.id}/logs?after={after}")
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "after"


def test_cancel_stops_what_provisions(desk: Client, take_home: Interview) -> None:
    operation_id = actions.activate(take_home, by="candidate")
    response = post(desk, f"/api/operations/{operation_id}/cancel")
    assert response.status_code == 202
    assert response.json() == {"interviewId": take_home.id, "operationId": operation_id}
    assert fresh(take_home).status == "error"
    runner.run_operation(operation_id)
    assert fresh(take_home).status == "error"


def test_cancel_of_a_teardown_is_a_conflict(desk: Client, running: Interview) -> None:
    operation_id = post(desk, f"/api/interviews/{running.id}/destroy").json()["operationId"]
    assert post(desk, f"/api/operations/{operation_id}/cancel").status_code == 409


@pytest.mark.parametrize("path", ["interviews/{}", "interviews/{}/files", "operations/{}"])
@pytest.mark.parametrize("unknown", ["none", "x" * 3000, "%00", "..%2f"])
def test_unknown_ids_are_not_found(desk: Client, tables: None, path: str, unknown: str) -> None:
    response = desk.get(f"/api/{path.format(unknown)}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
