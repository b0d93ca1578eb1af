"""*Send reminder* of one invitation: where it is offered, and that it is the action of many."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from interviews.models import Interview
from operations import actions
from operations.mail.models import Message
from tests.dashboard.html import soup, text_of

pytestmark = pytest.mark.django_db
ADDRESS = "ada@example.com"


@pytest.fixture(autouse=True)
def _mail_on(settings: Any) -> None:
    settings.MAIL_IS_ON = True


@pytest.fixture
def invited(invite: Callable[..., Interview]) -> Interview:
    return invite(candidate_email=ADDRESS)


def offered(client: Client, path: str, interview: Interview) -> list[str]:
    page = soup(client.get(path))
    return [
        text_of(each) for each in page.select(f"[data-ask='/interviews/{interview.id}/remind/']")
    ]


def test_it_is_in_the_rows_menu_and_on_the_page(staff_client: Client, invited: Interview) -> None:
    menu = soup(staff_client.get("/")).select_one(f"#row-{invited.id} [data-menu]")
    assert "Send reminder (Ada)" in [text_of(each) for each in menu.select("[data-ask]")]
    page = f"/interviews/{invited.id}/"
    assert offered(staff_client, page, invited) == ["Send reminder"]


def test_it_is_not_offered_without_a_mail_server_or_once_started(
    staff_client: Client, invited: Interview, running: Interview, settings: Any
) -> None:
    assert offered(staff_client, "/", running) == []
    settings.MAIL_IS_ON = False
    assert offered(staff_client, "/", invited) == []


def test_question_is_answered_by_the_action_of_many(
    staff_client: Client, invited: Interview
) -> None:
    form = soup(staff_client.get(f"/interviews/{invited.id}/remind/")).form
    assert form["hx-post"] == "/interviews/selected/remind/"
    assert text_of(form.select_one(".selected-names")) == "Ada ada@example.com"
    assert Message.objects.count() == 0
    values = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    done = staff_client.post(form["hx-post"], values, headers={"HX-Request": "true"})
    assert f"The email to {ADDRESS} is on its way." in soup(done).get_text()
    assert [each.to for each in Message.objects.all()] == [ADDRESS]


def test_one_who_cannot_be_reminded_is_said_before_the_question(
    staff_client: Client, invite: Callable[..., Interview], invited: Interview
) -> None:
    nameless = invite(candidate_name="Grace")
    actions.revoke(invited, by="recruiter")
    for interview, sentence in (
        (nameless, "There's no email address. Add one with “Edit invitation”."),
        (invited, "This test isn't waiting to be started any more."),
    ):
        response = staff_client.get(f"/interviews/{interview.id}/remind/")
        page = soup(response)
        assert (response.status_code, text_of(page.select_one("[role=alert]"))) == (409, sentence)
        assert page.form is None
