"""What is done to many invitations at once, and what is told of each."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard.views.interviews import selection
from interviews.dynamodb import now
from interviews.models import Interview
from operations.mail.models import Message
from tests.conftest import fresh
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db
ADDRESS = "ada@example.com"


def run(client: Client, verb: str, *selected: Interview, **values: str) -> Any:
    data = {"id": [each.id for each in selected], "confirm": "yes", **values}
    return client.post(f"/interviews/selected/{verb}/", data, headers={"HX-Request": "true"})


def told(response: Any) -> dict[str, str]:
    return {
        each.strong.get_text(): each.span.get_text()
        for each in soup(response).select(".selected-outcomes li")
    }


@pytest.mark.parametrize("verb", ["remind", "deadline", "withdraw"])
def test_question_names_the_candidates_and_changes_nothing(
    staff_client: Client, invite: Callable[..., Interview], verb: str
) -> None:
    chosen = [invite(candidate_name=name) for name in ("Ada", "Grace")]
    response = staff_client.post(
        f"/interviews/selected/{verb}/", {"id": [each.id for each in chosen]}
    )
    page = soup(response)
    assert response.status_code == 200
    assert [each.get_text() for each in page.select(".selected-names bdi")] == ["Ada", "Grace"]
    assert [fresh(each).status for each in chosen] == ["available"] * 2
    assert [fresh(each).valid_until for each in chosen] == [each.valid_until for each in chosen]
    assert Message.objects.count() == 0


def test_withdrawing_tells_of_each_what_became_of_it(
    staff_client: Client, invite: Callable[..., Interview], running: Interview
) -> None:
    grace = invite(candidate_name="Grace")
    response = run(staff_client, "withdraw", grace, running)
    assert told(response) == {
        "Grace": "Withdrawn.",
        "Ada": "This test isn't waiting to be started any more.",
    }
    assert soup(response).h2.get_text() == "1 of 2 done"
    assert soup(response).li.get_text() == "Grace: Withdrawn."
    assert (fresh(grace).status, fresh(running).status) == ("revoked", "active")


def test_deadline_moves_from_where_it_is(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    grace = invite(candidate_name="Grace", valid_days=5)
    assert told(run(staff_client, "deadline", grace, days="3"))["Grace"].startswith("Start by ")
    assert fresh(grace).valid_until == grace.valid_until + timedelta(days=3)


def test_deadline_that_has_passed_counts_from_today(
    staff_client: Client, take_home: Interview
) -> None:
    take_home.change(valid_until=now() - timedelta(days=2))
    run(staff_client, "deadline", take_home, days="1")
    assert fresh(take_home).valid_until >= now() + timedelta(hours=23)


@pytest.mark.parametrize("days", ["", "0", "31", "-1", "soon", "\u0663", "9" * 500])
def test_wrong_days_are_told_at_the_field_and_change_nothing(
    staff_client: Client, take_home: Interview, days: str
) -> None:
    response = run(staff_client, "deadline", take_home, days=days)
    page = soup(response)
    assert response.status_code == 422
    assert page.select_one("#selected-days-error").get_text() == "Enter a number from 1 to 30."
    assert page.select_one("#selected-days")["value"] == days
    assert fresh(take_home).valid_until == take_home.valid_until


def test_reminder_goes_to_those_who_have_an_address(
    staff_client: Client, invite: Callable[..., Interview], settings: Any
) -> None:
    settings.MAIL_IS_ON = True
    ada = invite(candidate_name="Ada", candidate_email=ADDRESS)
    grace = invite(candidate_name="Grace")
    outcome = told(run(staff_client, "remind", ada, grace))
    assert outcome["Ada"] == f"The email to {ADDRESS} is on its way."
    assert "address" in outcome["Grace"]
    assert [(each.to, each.kind) for each in Message.objects.all()] == [(ADDRESS, "reminder")]


def test_page_refreshes_each_of_them(staff_client: Client, take_home: Interview) -> None:
    response = run(staff_client, "withdraw", take_home)
    assert take_home.id in response["HX-Trigger"]
    assert "interviews-changed" in response["HX-Trigger"]


def test_nothing_or_too_many_selected_is_refused(
    staff_client: Client, invite: Callable[..., Interview], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MAX_SELECTED", 1)
    two = [invite(), invite()]
    for chosen, sentence in (
        ([], "Select at least one test."),
        (two, "Select 1 tests or fewer."),
    ):
        response = run(staff_client, "withdraw", *chosen)
        assert (response.status_code, soup(response).p.get_text()) == (422, sentence)
    assert [fresh(each).status for each in two] == ["available"] * 2


def test_only_invitations_can_be_selected(
    staff_client: Client, take_home: Interview, in_state: Callable[..., Interview]
) -> None:
    in_state("active", auto_destroy_at=now() + timedelta(hours=1))
    boxes = soup(staff_client.get("/")).select("[data-select]")
    assert [str(each["value"]) for each in boxes] == [take_home.id]
