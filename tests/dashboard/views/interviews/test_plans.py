"""The dialogs that edit an invitation and reschedule a live interview."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from dashboard.permissions.roles import VIEWER
from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions
from operations.mail import sender
from operations.mail.models import Message
from tests.conftest import fresh, member
from tests.dashboard.html import soup

pytestmark = pytest.mark.usefixtures("december_2026")
ADDRESS = "ada@example.com"


def url(interview: Interview, name: str) -> str:
    return f"/interviews/{interview.id}/{name}/"


def shown(client: Client, path: str) -> dict[str, Any]:
    """The values of the dialog's fields, as a browser posts them."""
    form = soup(client.get(path)).select_one("form")
    data = {each["name"]: each.get("value", "") for each in form.select("input[name]")}
    data |= {each["name"]: each.get_text() for each in form.select("textarea")}
    for select in form.select("select"):
        data[select["name"]] = select.select_one("[selected]")["value"]
    unticked = form.select("input[type=checkbox]:not([checked])")
    return {name: data[name] for name in data if name not in {each["name"] for each in unticked}}


def errors(response: Any) -> list[str]:
    page = soup(response)
    return [each.get_text() for each in page.select(".field-error, .message-bad")]


def buttons(client: Client, interview: Interview) -> list[str]:
    page = soup(client.get(f"/interviews/{interview.id}/"))
    return [each.get_text(strip=True) for each in page.select(".sheet-actions button")]


@pytest.fixture
def mailed(settings: Any, invite: Callable[..., Interview], db: None) -> Interview:
    """An invitation that its candidate has by e-mail."""
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    interview = invite(send_email=True, candidate_email=ADDRESS)
    sender.send_message(Message.objects.get(interview_id=interview.id, kind="invitation").pk)
    return fresh(interview)


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


def test_buttons_are_those_that_work(
    staff_client: Client, take_home: Interview, regular: Interview
) -> None:
    assert "Edit invitation" in buttons(staff_client, take_home)
    assert {"Edit interview", "Reschedule"} <= set(buttons(staff_client, regular))
    actions.revoke(regular, by="recruiter")
    assert not {"Edit interview", "Reschedule"} & set(buttons(staff_client, regular))
    for name in ("edit", "reschedule"):
        assert staff_client.get(url(regular, name)).status_code == 409
    with time_machine.travel(take_home.valid_until, tick=False):
        actions.expire(fresh(take_home))
        assert "Set new deadline" in buttons(staff_client, take_home)
        data = shown(staff_client, url(take_home, "edit"))
        assert {"version", "at", "zone"} <= set(data)
        assert "candidate_name" not in data
        at = (now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
        assert staff_client.post(url(take_home, "edit"), data | {"at": at}).status_code == 204
        assert fresh(take_home).status == "available"


@pytest.mark.parametrize("name", ["edit", "extend", "revoke"])
def test_box_is_ticked_if_the_candidate_was_written_to(
    staff_client: Client, mailed: Interview, name: str
) -> None:
    box = soup(staff_client.get(url(mailed, name))).select_one("[name=notify]")
    assert box.has_attr("checked")
    body = {"edit": {"duration_minutes": "90"}, "extend": {"minutes": "5"}, "revoke": {}}[name]
    staff_client.post(url(mailed, name), body)
    assert fresh(mailed).timeline[-1].notify is None
    assert Message.objects.filter(kind__in=["changed", "cancelled"]).count() == 0


@pytest.mark.parametrize("name", ["edit", "extend", "revoke"])
def test_ticked_box_writes_to_the_candidate(
    staff_client: Client, mailed: Interview, name: str
) -> None:
    body = {"edit": {"duration_minutes": "90"}, "extend": {"minutes": "5"}, "revoke": {}}[name]
    staff_client.post(url(mailed, name), body | {"notify": "on"})
    (message,) = Message.objects.filter(kind__in=["changed", "cancelled"])
    assert (message.to, message.state) == (ADDRESS, "queued")


@pytest.mark.parametrize("mail_is_on", [True, False])
def test_dialog_without_box_says_whom_to_tell(
    staff_client: Client, take_home: Interview, settings: Any, mail_is_on: bool
) -> None:
    settings.MAIL_IS_ON = mail_is_on
    page = soup(staff_client.get(url(take_home, "revoke")))
    assert page.select("[name=notify]") == []
    note = page.select_one(".notify .field-help").get_text()
    assert ("has had no email" if mail_is_on else "No email is sent") in note


def test_interviewers_are_edited(staff_client: Client, regular: Interview) -> None:
    assert shown(staff_client, url(regular, "edit"))["interviewers"].strip() == ""
    regular.change(interviewers=["mary@example.com", "joan@example.com"])
    data = shown(staff_client, url(regular, "edit"))
    assert data["interviewers"].strip() == "mary@example.com, joan@example.com"
    assert staff_client.post(url(regular, "edit"), data).status_code == 204
    assert len(fresh(regular).timeline) == 1
    data["interviewers"] = "joan@example.com"
    assert staff_client.post(url(regular, "edit"), data).status_code == 204
    assert fresh(regular).interviewers == ["joan@example.com"]
    # A form from before the field existed has none, and changes none.
    later = shown(staff_client, url(regular, "edit"))
    del later["interviewers"]
    staff_client.post(url(regular, "edit"), later | {"candidate_name": "Rita Levi"})
    assert fresh(regular).interviewers == ["joan@example.com"]
    later = shown(staff_client, url(regular, "edit"))
    response = staff_client.post(url(regular, "edit"), later | {"interviewers": "nobody"})
    assert errors(response) == ["There is no active account “nobody”."]


def test_take_home_has_no_field_for_interviewers(
    staff_client: Client, take_home: Interview
) -> None:
    assert "interviewers" not in shown(staff_client, url(take_home, "edit"))


def test_dialog_asks_whom_to_tell_of_interviewers_alone(
    staff_client: Client, schedule: Callable[..., Interview], settings: Any, db: None
) -> None:
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    interview = schedule(interviewers=["mary@example.com"])
    page = soup(staff_client.get(url(interview, "reschedule")))
    assert page.select_one("input[name=notify]") is not None
    assert "The candidate has had no email from here" in page.get_text()
    settings.MAIL_IS_ON = False
    page = soup(staff_client.get(url(interview, "reschedule")))
    assert page.select_one("input[name=notify]") is None
    assert "please tell the candidate and the interviewers yourself" in page.get_text()


def test_viewer_may_not_name_interviewers(client: Client, regular: Interview, db: None) -> None:
    client.force_login(member("vera", VIEWER))
    assert client.post(url(regular, "edit"), {"interviewers": "v@example.com"}).status_code == 403
    assert fresh(regular).interviewers is None
