"""An interview's e-mails: listed, and sent again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.test import Client

from dashboard.views.interviews.emails.emails import mail_context
from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions
from operations.mail import sender
from operations.mail.models import INVITATIONS, TO_STAFF, Message, MessageKind
from tests.conftest import fresh
from tests.dashboard.html import text_of
from tests.dashboard.http import post

ADDRESS = "ada@example.com"


@pytest.fixture
def mailed(db: None, settings: Any, invite: Callable[..., Interview]) -> Interview:
    """A candidate with an e-mail address."""
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    return invite(send_email=True, candidate_email=ADDRESS)


def shown(interview: Interview) -> BeautifulSoup:
    html = render_to_string("dashboard/emails/_emails.html", mail_context(fresh(interview)))
    return BeautifulSoup(html, "html.parser")


def invitation(interview: Interview) -> Message:
    return Message.objects.filter(interview_id=interview.id, kind="invitation").latest("pk")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Invitation on its way"),
        ({"error": "The mail server could not be reached."}, "Invitation retrying"),
        ({"state": "failed", "error": "No."}, "Invitation not delivered"),
        ({"state": "skipped", "error": "No."}, "Invitation not sent"),
    ],
)
def test_each_state_has_its_words(mailed: Interview, changes: dict[str, str], said: str) -> None:
    Message.objects.filter(kind="invitation").update(**changes)
    titles = [text_of(each) for each in shown(mailed).select(".mail-what")]
    assert titles == ["Reminder planned", said]


def test_only_an_invitation_is_called_one(mailed: Interview) -> None:
    kinds = set(MessageKind) - {*INVITATIONS, *TO_STAFF}
    for number, kind in enumerate(kinds, start=2):
        Message.objects.create(
            interview_id=mailed.id,
            kind=kind,
            number=number,
            to=ADDRESS,
            subject="x",
            state="sent",
            send_at=now(),
            created_by="worker",
        )
    titles = [text_of(each) for each in shown(mailed).select(".mail-what")]
    assert len([title for title in titles if title.endswith("sent")]) == len(kinds)
    assert [title for title in titles if "Invitation" in title] == ["Invitation on its way"]


def test_sent_again_it_is_said(staff_client: Client, mailed: Interview) -> None:
    sender.send_message(invitation(mailed).pk)
    response = staff_client.post(
        f"/interviews/{mailed.id}/mail/",
        {"candidate_email": ADDRESS},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == 200
    detail = {"interviewId": mailed.id, "done": f"The email to {ADDRESS} is on its way."}
    assert json.loads(response["HX-Trigger"]) == {"interview-changed": detail}
    assert (invitation(mailed).number, invitation(mailed).created_by) == (1, "recruiter")
    titles = [text_of(each) for each in shown(mailed).select(".mail-what")]
    assert titles == ["Invitation, sent again on its way", "Reminder planned", "Invitation sent"]


def test_without_scripts_the_answer_leads_back(staff_client: Client, mailed: Interview) -> None:
    response = staff_client.post(f"/interviews/{mailed.id}/mail/", {"candidate_email": ""})
    assert (response.status_code, response["Location"]) == (302, f"/interviews/{mailed.id}/")


def test_a_first_address_becomes_the_candidates(
    staff_client: Client, settings: Any, take_home: Interview
) -> None:
    settings.MAIL_IS_ON = True
    staff_client.post(f"/interviews/{take_home.id}/mail/", {"candidate_email": f" {ADDRESS} "})
    assert fresh(take_home).candidate_email == invitation(take_home).to == ADDRESS


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an email address to send it to."),
        ("ada", "Enter an email address such as ada@example.com."),
        ("a@b.de\nBcc: x@y.de", "Enter an email address such as ada@example.com."),
    ],
)
def test_a_wrong_address_stays_where_it_was_typed(
    staff_client: Client, settings: Any, take_home: Interview, typed: str, said: str
) -> None:
    settings.MAIL_IS_ON = True
    response = staff_client.post(f"/interviews/{take_home.id}/mail/", {"candidate_email": typed})
    html = BeautifulSoup(response.content, "html.parser")
    assert (response.status_code, html.select_one("[role=alert]").text) == (422, said)
    assert html.select_one("#mail-to")["value"] == typed
    assert Message.objects.count() == 0


def test_a_withdrawn_test_offers_no_email_and_refuses_one(
    staff_client: Client, mailed: Interview
) -> None:
    actions.revoke(mailed, by="recruiter")
    assert shown(mailed).select("form") == []
    response = staff_client.post(f"/interviews/{mailed.id}/mail/", {})
    html = BeautifulSoup(response.content, "html.parser")
    assert (response.status_code, html.select_one("[role=alert]").text) == (
        409,
        "No email is sent any more. Status: Withdrawn.",
    )


def test_without_a_mail_server_nothing_is_offered(take_home: Interview, db: None) -> None:
    assert shown(take_home).select_one("section").has_attr("hidden")


def test_the_api_lists_and_sends(staff_client: Client, mailed: Interview) -> None:
    address = f"/api/interviews/{mailed.id}/messages"
    kinds = [each["kind"] for each in staff_client.get(address).json()["items"]]
    assert kinds == ["reminder", "invitation"]
    sender.send_message(invitation(mailed).pk)
    response = post(staff_client, address, {"candidateEmail": "ada@other.example"})
    assert response.status_code == 202
    assert (response.json()["to"], response.json()["state"]) == ("ada@other.example", "queued")
    assert post(staff_client, address).status_code == 202


def test_the_api_refuses_a_wrong_address_by_its_field(
    staff_client: Client, mailed: Interview
) -> None:
    response = post(
        staff_client, f"/api/interviews/{mailed.id}/messages", {"candidateEmail": "ada"}
    )
    assert (response.status_code, response.json()["error"]["field"]) == (422, "candidateEmail")


def test_no_answer_of_the_messages_holds_the_link(staff_client: Client, mailed: Interview) -> None:
    answer = staff_client.get(f"/api/interviews/{mailed.id}/messages").content.decode()
    assert mailed.passcode
    assert mailed.passcode not in answer + str(shown(mailed))


def test_emails_to_interviewers_say_to_whom_and_what(
    mailed: Interview, schedule: Callable[..., Interview]
) -> None:
    interview = schedule(interviewers=["mary@example.com"])
    sender.send_message(Message.objects.get(interview_id=interview.id).pk)
    for minutes in (15, 30):
        actions.extend(fresh(interview), minutes, by="recruiter")
        Message.objects.filter(interview_id=interview.id, kind="changed").update(state="sent")
    actions.revoke(fresh(interview), by="recruiter")
    # The candidate has none, and gets the link for the first time.
    assert [mail_context(each)["is_sent_again"] for each in (interview, mailed)] == [False, True]
    lines = [text_of(each) for each in shown(interview).select(".mail-what, .mail-what + .sub")]
    to = "to the interviewer mary@example.com, by recruiter"
    assert lines == [
        *("Cancellation on its way", to),
        *("Change sent", to),
        *("Change sent", to),
        *("Invitation sent", to),
    ]
