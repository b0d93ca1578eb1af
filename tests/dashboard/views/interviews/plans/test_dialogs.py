"""The dialogs of editing and rescheduling."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions
from tests.conftest import fresh
from tests.dashboard.html import soup
from tests.dashboard.views.interviews.plans.dialogs import errors, shown, url

pytestmark = pytest.mark.usefixtures("december_2026")


def test_dialog_shows_the_invitation_and_saves_what_changed(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    interview = invite(custom_instructions="Bring tea.", allowance_percent=25)
    data = shown(staff_client, url(interview, "edit"))
    assert (data["candidate_name"], data["duration_minutes"]) == ("Ada", "60")
    assert (data["custom_instructions"].strip(), data["allowance_percent"]) == ("Bring tea.", "25")
    assert data["at"] == f"{interview.valid_until:%Y-%m-%dT%H:%M}"
    response = staff_client.post(url(interview, "edit"), data | {"candidate_name": "Ada King"})
    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"])["interview-changed"]["interviewId"] == interview.id
    row = fresh(interview)
    assert row.timeline[-1].changed == ["candidateName"]
    assert (row.candidate_name, row.valid_until) == ("Ada King", interview.valid_until)


@pytest.mark.parametrize(("page", "name"), [("/", "edit"), ("/live/", "reschedule")])
def test_labels_are_of_the_fields_of_the_dialog(
    staff_client: Client, take_home: Interview, regular: Interview, page: str, name: str
) -> None:
    interview = take_home if name == "edit" else regular
    dialog = soup(staff_client.get(url(interview, name)))
    ids = [each["id"] for each in dialog.select("form [id]")]
    taken = {each["id"] for each in soup(staff_client.get(page)).select("[id]")}
    assert ids
    assert taken.isdisjoint(ids)
    assert {each["for"] for each in dialog.select("label[for]")} <= set(ids)


def test_deadline_is_read_in_its_zone(staff_client: Client, take_home: Interview) -> None:
    data = shown(staff_client, url(take_home, "edit"))
    at = (now() + timedelta(days=9)).strftime("%Y-%m-%d") + "T18:00"
    staff_client.post(url(take_home, "edit"), data | {"at": at, "zone": "Asia/Kolkata"})
    expected = datetime.fromisoformat(f"{at}+05:30").astimezone(UTC)
    assert fresh(take_home).valid_until == expected


def test_interview_is_rescheduled(staff_client: Client, regular: Interview) -> None:
    data = shown(staff_client, url(regular, "reschedule"))
    assert data["at"] == f"{regular.scheduled_at:%Y-%m-%dT%H:%M}"
    data |= {"at": "2027-01-15T10:00", "zone": "berlin", "duration_minutes": "45"}
    assert staff_client.post(url(regular, "reschedule"), data).status_code == 204
    row = fresh(regular)
    assert row.scheduled_at == datetime(2027, 1, 15, 9, tzinfo=UTC)
    assert (row.time_zone, row.length) == ("Europe/Berlin", timedelta(minutes=45))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"at": ""}, "Choose a date and time."),
        ({"at": "2020-01-01T10:00"}, "Enter a time in the future."),
        ({"zone": "Mars"}, "Enter a time zone such as Europe/Berlin."),
        ({"duration_minutes": "soon"}, "Enter a whole number."),
        ({"duration_minutes": "\u0664\u0665"}, "Enter a whole number."),
        ({"duration_minutes": "9" * 5000}, "Enter a whole number."),
        ({"duration_minutes": "481"}, "Enter a number from 1 to 480."),
    ],
)
def test_wrong_plan_is_shown_at_its_field_with_what_was_typed(
    staff_client: Client, regular: Interview, change: dict[str, str], error: str
) -> None:
    data = shown(staff_client, url(regular, "reschedule")) | change
    response = staff_client.post(url(regular, "reschedule"), data)
    assert (response.status_code, errors(response)) == (422, [error])
    ((name, value),) = change.items()
    assert soup(response).select_one(f"[name={name}]").get("value", "") == value
    assert fresh(regular).serialize() == regular.serialize()


def test_time_without_an_equal_in_utc_is_shown_at_its_field(
    staff_client: Client, regular: Interview
) -> None:
    data = shown(staff_client, url(regular, "reschedule"))
    data |= {"at": "0001-01-01T00:00", "zone": "UTC", "offset": "600"}
    response = staff_client.post(url(regular, "reschedule"), data)
    assert (response.status_code, errors(response)) == (422, ["Enter a valid date and time."])


def test_time_that_comes_twice_is_asked_about(staff_client: Client, regular: Interview) -> None:
    data = shown(staff_client, url(regular, "reschedule"))
    data |= {"at": "2027-10-31T02:30", "zone": "Europe/Berlin"}
    response = staff_client.post(url(regular, "reschedule"), data)
    assert response.status_code == 422
    assert len(soup(response).select("[name=second]")) == 2
    staff_client.post(url(regular, "reschedule"), data | {"second": "second"})
    assert fresh(regular).scheduled_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("chosen", "hour", "declined"), [(0, 17, 16), (1, 16, None)])
def test_time_that_the_browser_reads_otherwise_is_asked_about(
    staff_client: Client, regular: Interview, chosen: int, hour: int, declined: int | None
) -> None:
    data = shown(staff_client, url(regular, "reschedule"))
    data |= {"at": "2027-01-15T10:00", "zone": "America/Edmonton", "offset": "-420"}
    response = staff_client.post(url(regular, "reschedule"), data)
    assert response.status_code == 422
    choices = [each["value"] for each in soup(response).select("[name=reading]")]
    staff_client.post(url(regular, "reschedule"), data | {"reading": choices[chosen]})
    row = fresh(regular)
    assert row.scheduled_at == datetime(2027, 1, 15, hour, tzinfo=UTC)
    assert (row.declined_reading and row.declined_reading.hour) == declined


def test_plan_that_a_colleague_changed_is_not_undone(
    staff_client: Client, regular: Interview
) -> None:
    data = shown(staff_client, url(regular, "reschedule"))
    actions.reschedule(regular, by="colleague", local="2027-01-15T10:00")
    response = staff_client.post(url(regular, "reschedule"), data | {"duration_minutes": "30"})
    assert response.status_code == 409
    row = fresh(regular)
    assert (row.scheduled_local, row.length) == ("2027-01-15T10:00", timedelta(hours=1))


def test_dialog_of_an_interview_has_no_field_of_a_test(
    staff_client: Client, regular: Interview
) -> None:
    data = shown(staff_client, url(regular, "edit"))
    assert {"candidate_name", "candidate_email", "challenge"} <= set(data)
    assert not {"at", "zone", "duration_minutes", "custom_instructions"} & set(data)


def test_challenge_that_is_archived_stays_chosen(
    staff_client: Client, take_home: Interview
) -> None:
    actions.archive_challenge(take_home.challenge)
    data = shown(staff_client, url(take_home, "edit"))
    assert data["challenge"] == take_home.challenge
    response = staff_client.post(url(take_home, "edit"), data | {"candidate_name": "Ada King"})
    assert response.status_code == 204
    assert fresh(take_home).timeline[-1].changed == ["candidateName"]


def test_no_extra_time_is_none(staff_client: Client, invite: Callable[..., Interview]) -> None:
    interview = invite(allowance_percent=25)
    staff_client.post(url(interview, "edit"), {"allowance_percent": ""})
    assert fresh(interview).allowance_percent is None


def test_wrong_edit_is_shown_at_its_field(staff_client: Client, take_home: Interview) -> None:
    data = shown(staff_client, url(take_home, "edit"))
    data |= {"candidate_name": "", "candidate_email": "nowhere", "at": "2999-01-01T10:00"}
    response = staff_client.post(url(take_home, "edit"), data)
    assert response.status_code == 422
    assert errors(response) == [
        "Enter the candidate's name.",
        "Enter an email address such as ada@example.com.",
        "Enter a time within the next 30 days.",
    ]


def test_change_of_a_colleague_is_not_undone_and_the_text_is_kept(
    staff_client: Client, take_home: Interview
) -> None:
    data = shown(staff_client, url(take_home, "edit"))
    actions.extend(take_home, 15, by="colleague")
    response = staff_client.post(url(take_home, "edit"), data | {"candidate_name": "Ada King"})
    assert response.status_code == 409
    assert "Somebody else changed this" in errors(response)[0]
    assert fresh(take_home).candidate_name == "Ada"
    form = soup(response)
    again = data | {name: form.select_one(f"[name={name}]")["value"] for name in ("version",)}
    assert form.select_one("[name=candidate_name]")["value"] == "Ada King"
    response = staff_client.post(url(take_home, "edit"), again | {"candidate_name": "Ada King"})
    assert (response.status_code, fresh(take_home).candidate_name) == (204, "Ada King")
