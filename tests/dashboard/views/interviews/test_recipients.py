"""Whom a dialog would email: it names the addresses, and only where an email can be sent."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from interviews.models import Interview
from operations.mail.models import Message
from tests.conftest import fresh
from tests.dashboard.html import soup, text_of

pytestmark = pytest.mark.django_db
ADDRESS, INTERVIEWER = "ada@example.com", "mary@example.com"


@pytest.fixture(autouse=True)
def _mail_on(settings: Any) -> None:
    settings.MAIL_IS_ON = True


@pytest.fixture
def invited(invite: Callable[..., Interview]) -> Interview:
    return invite(candidate_email=ADDRESS, send_email=True)


def named(client: Client, interview: Interview, verb: str) -> str:
    page = soup(client.get(f"/interviews/{interview.id}/{verb}/"))
    box = page.select_one("[name=notify]")
    assert box["aria-describedby"] == "notify-to"
    return text_of(page.select_one("#notify-to"))


@pytest.mark.parametrize("verb", ["extend", "revoke"])
def test_a_dialog_names_whom_it_emails(staff_client: Client, invited: Interview, verb: str) -> None:
    assert named(staff_client, invited, verb) == f"To: {ADDRESS}"


def test_an_edit_says_who_gets_it_at_another_address(
    staff_client: Client, invited: Interview
) -> None:
    assert named(staff_client, invited, "edit") == (
        f"To: {ADDRESS}. If you change the candidate's address, the new one gets it."
    )


def test_interviewers_are_named_too_while_they_hold_it(
    staff_client: Client, schedule: Callable[..., Interview]
) -> None:
    others = ["joan@example.com", INTERVIEWER]
    plan = schedule(candidate_email=ADDRESS, send_email=True, interviewers=others)
    assert Message.objects.filter(interview_id=plan.id).count() == 3
    assert named(staff_client, plan, "reschedule") == f"To: {ADDRESS}, {', '.join(others)}"
    fresh(plan).change(interviewers=[INTERVIEWER])
    assert named(staff_client, plan, "revoke") == f"To: {ADDRESS}, {INTERVIEWER}"


def test_a_reminder_says_where_it_goes(staff_client: Client, invited: Interview) -> None:
    page = soup(staff_client.get(f"/interviews/{invited.id}/remind/"))
    assert text_of(page.select_one(".selected-names")) == f"Ada {ADDRESS}"


def test_a_question_about_many_names_those_who_were_emailed(
    staff_client: Client, invited: Interview, invite: Callable[..., Interview]
) -> None:
    silent = invite(candidate_name="Grace", candidate_email="grace@example.com")
    ids = {"id": [invited.id, silent.id]}
    for verb, second in (
        ("withdraw", "Grace"),
        ("deadline", "Grace"),
        ("remind", "Grace grace@example.com"),
    ):
        page = soup(staff_client.post(f"/interviews/selected/{verb}/", ids))
        lines = [text_of(each) for each in page.select(".selected-names li")]
        assert lines == [f"Ada {ADDRESS}", second], verb


def test_without_a_mail_server_nobody_is_named(
    staff_client: Client, invited: Interview, settings: Any
) -> None:
    settings.MAIL_IS_ON = False
    page = soup(staff_client.get(f"/interviews/{invited.id}/revoke/"))
    assert page.select("#notify-to, [name=notify]") == []
    page = soup(staff_client.post("/interviews/selected/withdraw/", {"id": [invited.id]}))
    assert ADDRESS not in str(page)
