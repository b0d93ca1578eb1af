"""Who may decide, reopens, or sees what others wrote."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.permissions.roles import ADMINISTRATOR, VIEWER
from interviews.models import Interview
from operations.reviews.models import Decision
from tests.conftest import member
from tests.dashboard.html import soup
from tests.dashboard.views.reviews.scorecard.form import NOTE, fields, url
from tests.reviewing import card, submit

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("rita")
def test_before_the_end_there_is_nothing_to_review(client: Client, take_home: Interview) -> None:
    page = soup(client.get(url(take_home)))
    assert page.select_one("#scorecard") is None
    assert client.post(url(take_home, "review/save/"), fields("1", "1")).status_code == 409
    assert soup(client.get(url(take_home, ""))).select_one("#part-reviews").has_attr("hidden")


def test_who_may_decide_sees_all_and_decides(client: Client, submission: Interview) -> None:
    client.force_login(member("root", ADMINISTRATOR))
    assert NOTE in client.get(url(submission)).content.decode()
    refused = client.post(url(submission, "decision/"), {"outcome": "advance", "base": "0"})
    assert refused.status_code == 422
    assert soup(refused).select_one("#reason-error").get_text() == "Enter a reason."
    wanted = {"outcome": "advance", "reason": "All fine", "base": "0"}
    assert client.post(url(submission, "decision/"), wanted).status_code == 302
    second = client.post(url(submission, "decision/"), wanted | {"outcome": "reject"})
    assert second.status_code == 409
    page = soup(second)
    assert "root decided first" in page.select_one(".decision-form .message-warn").get_text()
    assert page.select_one("#reason").get_text() == "All fine"
    assert [each.outcome for each in Decision.objects.all()] == ["advance"]


def test_a_reason_is_hidden_until_mine_is_in(
    client: Client, submission: Interview, rita: User
) -> None:
    Decision.objects.create(
        interview_id=submission.id,
        number=1,
        outcome="reject",
        reason="As otto wrote, no tests.",
        decided_by="root",
        decided_at=submission.completed_at,
    )
    page = soup(client.get(url(submission))).select_one("#part-decision").get_text()
    assert "Reject" in page
    assert "As otto wrote" not in page


def test_a_viewer_sees_the_decision_alone(client: Client, submission: Interview) -> None:
    client.force_login(member("vera", VIEWER))
    assert client.get(url(submission)).status_code == 403
    part = soup(client.get(url(submission, ""))).select_one("#part-reviews").get_text()
    assert "No decision yet." in part
    assert "weighted mean" not in part


def test_a_reviewer_may_not_decide(client: Client, submission: Interview, rita: User) -> None:
    wanted = {"outcome": "advance", "reason": "All fine", "base": "0"}
    assert client.post(url(submission, "decision/"), wanted).status_code == 403
    assert soup(client.get(url(submission))).select_one(".decision-form") is None


def test_reopening(client: Client, submission: Interview, rita: User) -> None:
    submit(submission, rita, 1, 1)
    assert client.post(url(submission, "review/reopen/")).status_code == 302
    page = soup(client.get(url(submission)))
    assert page.select_one("#scorecard") is not None
    assert NOTE not in page.get_text()
    assert card(1, 1).recommendation == page.select_one("[name=recommendation][checked]")["value"]


def test_a_change_in_the_knowledge_of_others_is_said(
    client: Client, submission: Interview, rita: User
) -> None:
    submit(submission, rita, 2, 2)
    page = soup(client.get(url(submission)))
    assert "Your current scores stay visible" in page.select_one(".reopen").get_text()
    assert "could be seen" not in page.get_text()
    client.post(url(submission, "review/reopen/"))
    changed = fields("4", "3", action="submit", version="1", recommendation="strong_yes")
    assert client.post(url(submission, "review/save/"), changed).status_code == 302
    table = soup(client.get(url(submission))).select_one(".compare")
    heads = [each.get_text(" ") for each in table.select("thead th")]
    said = "Changed after others' reviews could be seen"
    assert [said in each for each in heads] == [False, False, True, False]
    marks = [each.get_text() for each in table.select("td .tone-warn")]
    assert marks == ["was 2", "was 2", "was 2.0", "was Yes"]
