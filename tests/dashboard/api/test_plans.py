"""Editing an invitation and moving a live interview through the API."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions
from tests.conftest import fresh
from tests.dashboard.http import iso, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("december_2026")]


def patch(client: Client, interview: Interview, body: Any) -> Any:
    return client.patch(f"/api/interviews/{interview.id}", body, content_type="application/json")


def test_an_invitation_is_edited(staff_client: Client, take_home: Interview) -> None:
    until = now() + timedelta(days=20)
    answer = patch(
        staff_client,
        take_home,
        {"candidateName": "Ada King", "durationMinutes": 90, "validUntil": iso(until)},
    )
    assert answer.status_code == 200
    found = answer.json()
    assert (found["candidateName"], found["lengthMinutes"]) == ("Ada King", 90)
    assert (found["validUntil"], found["passcode"]) == (iso(until), take_home.passcode)
    last = found["timeline"][-1]
    assert (last["what"], last["by"]) == ("edited", "recruiter")
    assert last["changed"] == ["candidateName", "durationMinutes", "validUntil"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"candidateName": ""}, "candidateName"),
        ({"candidateName": None}, "candidateName"),
        ({"durationMinutes": "90"}, "durationMinutes"),
        ({"durationMinutes": 481}, "durationMinutes"),
        ({"validUntil": "2020-01-01T10:00:00Z"}, "validUntil"),
        ({"validUntil": "2999-01-01T10:00:00Z"}, "validUntil"),
        # Seconds since 1970, of a day on which it would be valid.
        ({"validUntil": int(time.time()) + 86_400}, "validUntil"),
        ({"validUntil": str(int(time.time()) + 86_400)}, "validUntil"),
        ({"validUntil": "2030-05-04T09:30:00"}, "validUntil"),
        ({"validUntil": "0001-01-01T00:00:00+14:00"}, "validUntil"),
        ({"candidateEmail": "nowhere"}, "candidateEmail"),
        ({"challenge": "nowhere"}, "challenge"),
    ],
)
def test_an_invalid_edit_names_its_field(
    staff_client: Client, take_home: Interview, body: Any, field: str
) -> None:
    answer = patch(staff_client, take_home, body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert fresh(take_home).serialize() == take_home.serialize()


def test_an_edit_after_the_start_conflicts(staff_client: Client, running: Interview) -> None:
    answer = patch(staff_client, running, {"candidateName": "Ada King"})
    assert answer.status_code == 409
    assert "before the start" in answer.json()["error"]["message"]


def test_a_live_interview_is_moved(
    staff_client: Client, schedule: Callable[..., Interview]
) -> None:
    interview = schedule()
    body = {"scheduledLocal": "2027-01-15T10:00", "timeZone": "Europe/Berlin"}
    answer = post(
        staff_client, f"/api/interviews/{interview.id}/reschedule", body | {"durationMinutes": 30}
    )
    assert answer.status_code == 200
    found = answer.json()
    assert found["scheduledAt"] == iso(datetime(2027, 1, 15, 9, tzinfo=UTC))
    assert (found["lengthMinutes"], found["password"]) == (30, interview.password)
    assert found["timeline"][-1]["movedTo"] == found["scheduledAt"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"scheduledAt": "2020-01-01T10:00:00Z"}, 422, "scheduledAt"),
        ({"scheduledAt": int(time.time()) + 86_400}, 422, "scheduledAt"),
        # They have no equal in UTC, or in the zone.
        ({"scheduledAt": "0001-01-01T00:00:00+14:00"}, 422, "scheduledAt"),
        ({"scheduledAt": "9999-12-31T23:59:59-14:00"}, 422, "scheduledAt"),
        (
            {"scheduledAt": "9999-12-31T23:59:59Z", "timeZone": "Pacific/Kiritimati"},
            422,
            "scheduledAt",
        ),
        ({"scheduledLocal": "2027-01-15T10:00", "timeZone": "Mars"}, 422, "timeZone"),
        ({"durationMinutes": 0}, 422, "durationMinutes"),
        ({"durationMinutes": True}, 422, "durationMinutes"),
    ],
)
def test_an_invalid_move_names_its_field(
    staff_client: Client, schedule: Callable[..., Interview], body: Any, status: int, field: str
) -> None:
    answer = post(staff_client, f"/api/interviews/{schedule().id}/reschedule", body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)


def test_an_instant_that_no_zone_has_at_the_local_time_is_not_confirmed(
    staff_client: Client, schedule: Callable[..., Interview]
) -> None:
    interview = schedule()
    body = {
        "scheduledAt": iso(now() + timedelta(days=3)),
        "scheduledLocal": "2026-12-25T10:00",
        "timeZone": "Europe/Berlin",
        "confirmOffset": True,
    }
    answer = post(staff_client, f"/api/interviews/{interview.id}/reschedule", body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "scheduledLocal")
    created = {"candidateName": "Rita", "challenge": interview.challenge}
    answer = post(staff_client, "/api/interviews", body | created)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "scheduledLocal")


def test_a_cancelled_interview_cannot_be_moved(
    staff_client: Client, schedule: Callable[..., Interview]
) -> None:
    interview = schedule()
    actions.revoke(interview, by="recruiter")
    answer = post(
        staff_client, f"/api/interviews/{interview.id}/reschedule", {"durationMinutes": 30}
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("notify", [True, False])
@pytest.mark.parametrize("path", ["reschedule", "extend", "cancel", ""])
def test_the_request_says_whether_to_write_again(
    staff_client: Client, schedule: Callable[..., Interview], path: str, notify: bool
) -> None:
    interview = schedule()
    bodies: dict[str, dict[str, Any]] = {
        "reschedule": {"durationMinutes": 30},
        "extend": {"minutes": 5},
        "cancel": {},
        "": {"candidateName": "Grace"},
    }
    body = bodies[path] | {"notify": notify}
    if path == "cancel":
        query = "" if notify else "?notify=false"
        answer = post(staff_client, f"/api/interviews/{interview.id}/cancel{query}")
    elif path:
        answer = post(staff_client, f"/api/interviews/{interview.id}/{path}", body)
    else:
        answer = patch(staff_client, interview, body)
    assert answer.status_code in (200, 202)
    assert bool(fresh(interview).timeline[-1].notify) is notify
