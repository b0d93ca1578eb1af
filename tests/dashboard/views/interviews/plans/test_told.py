"""Whom the dialogs write to, and interviewers in them."""

from collections.abc import Callable
from datetime import timedelta
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
from tests.dashboard.views.interviews.plans.dialogs import errors, shown, url

pytestmark = pytest.mark.usefixtures("december_2026")
ADDRESS = "ada@example.com"


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
