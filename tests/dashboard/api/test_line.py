"""The line for a workspace in the API of staff and of candidates."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from operations.actions import preconditions
from operations.admission.models import Admission, LimitedEngine
from operations.audit.models import AuditEntry
from tests.conftest import fresh
from tests.operations.admission.conftest import line_of, press_start, set_limit, started

__all__ = ["set_limit", "started"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_line(started):
    """One test that runs, and two that wait."""
    return started(1, 3)


def test_an_interview_says_its_place(staff_client, in_line):
    found = [staff_client.get(f"/api/interviews/{each.id}").json() for each in in_line]
    assert found[0]["queue"] is None
    assert [each["queue"]["place"] for each in found[1:]] == [1, 2]
    # One hour is left to the first, and the second would have one before the third.
    waits = [round(each["queue"]["waitSeconds"] / 3600) for each in found[1:]]
    assert waits == [1, 2]
    assert [each["status"] for each in found] == ["active", "activated", "activated"]


def test_a_page_reads_the_line_once(staff_client, in_line, invite):
    def admission_queries():
        with CaptureQueriesContext(connection) as captured:
            items = staff_client.get("/api/interviews?type=take-home").json()["items"]
        places = {each["id"]: each["queue"] and each["queue"]["place"] for each in items}
        found = [each for each in captured if "operations_admission" in each["sql"]]
        return places, len(found)

    places, before = admission_queries()
    assert places == {in_line[0].id: None, in_line[1].id: 1, in_line[2].id: 2}
    press_start(invite())
    places, after = admission_queries()
    assert sorted(places.values(), key=str) == [1, 2, 3, None]
    assert after == before > 0


def test_a_candidate_sees_their_own_place(client, in_line):
    import time

    LimitedEngine.objects.update(freed=[int(time.time()) - ago for ago in (300, 200, 90)])
    found = client.get(f"/api/interviews/by-passcode/{in_line[2].passcode}").json()
    assert found["queue"]["place"] == 2
    assert 200 <= found["queue"]["waitSeconds"] <= 205
    assert client.get(f"/api/interviews/by-passcode/{in_line[0].passcode}").json()["queue"] is None


def test_a_candidate_leaves_the_line(client, staff_client, in_line):
    _, second, third = in_line
    url = f"/api/interviews/{second.id}/leave-line"

    def post(passcode):
        return client.post(url, {"passcode": passcode}, content_type="application/json")

    assert post(third.passcode).status_code == 404
    assert line_of() == [second.id, third.id]
    for _ in range(2):
        answer = post(second.passcode)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (202, "no-store, private")
        assert line_of() == [third.id]
    details = staff_client.get(f"/api/interviews/{second.id}").json()
    assert (details["status"], details["queue"]) == ("available", None)
    assert details["timeline"][-1]["what"] == "left_line"
    answer = client.post(
        f"/api/interviews/{in_line[0].id}/leave-line",
        {"passcode": in_line[0].passcode},
        content_type="application/json",
    )
    assert answer.status_code == 409


def test_the_line_of_each_engine(staff_client, in_line):
    (engine,) = staff_client.get("/api/workspaces/line").json()["items"]
    assert (engine["engine"], engine["limit"], engine["running"]) == ("fake", 1, 1)
    waiting = [(each["place"], each["interviewId"]) for each in engine["waiting"]]
    assert waiting == [(1, in_line[1].id), (2, in_line[2].id)]
    assert engine["notRemoved"] == []


def test_a_place_of_a_workspace_that_could_not_be_removed(staff_client, in_line):
    since = fresh(in_line[0]).ready_at
    Admission.objects.filter(interview_id=in_line[0].id).update(left_since=since)
    (engine,) = staff_client.get("/api/workspaces/line").json()["items"]
    (left,) = engine["notRemoved"]
    assert left["interviewId"] == in_line[0].id
    assert datetime.fromisoformat(left["since"]) == since
    assert engine["running"] == 1


def test_move_up(staff_client, in_line):
    response = staff_client.post(f"/api/interviews/{in_line[2].id}/move-up")
    assert response.status_code == 200
    assert response.json()["queue"]["place"] == 1
    assert line_of() == [in_line[2].id, in_line[1].id]
    response = staff_client.post(f"/api/interviews/{in_line[0].id}/move-up")
    assert response.status_code == 409
    assert fresh(in_line[0]).timeline[-1].what is None


def test_moved_up_again_it_has_no_second_entry(staff_client, in_line):
    _, second, third = in_line

    def moved(interview):
        response = staff_client.post(f"/api/interviews/{interview.id}/move-up")
        assert response.status_code == 200
        moments = [each.what for each in fresh(interview).timeline]
        entries = AuditEntry.objects.filter(what="moved_up", interview_id=interview.id)
        return moments.count("moved_up"), entries.count()

    # It is the first already, but not by staff's choice.
    assert moved(second) == (1, 1)
    assert moved(second) == (1, 1)
    assert moved(third) == (1, 1)
    assert moved(second) == (2, 2)
    assert line_of() == [second.id, third.id]


def test_a_row_without_room_is_not_moved_up(staff_client, in_line, monkeypatch):
    monkeypatch.setattr(preconditions, "MAX_ROW_BYTES", 10)
    response = staff_client.post(f"/api/interviews/{in_line[2].id}/move-up")
    assert response.status_code == 409
    assert "changed too often" in response.json()["error"]["message"]
    assert line_of() == [in_line[1].id, in_line[2].id]
