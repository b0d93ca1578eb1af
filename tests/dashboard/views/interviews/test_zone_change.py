"""Pages tell staff that a zone changed its rules, and staff moves or keeps the interview."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from interviews.models import Interview
from operations import actions
from tests.conftest import fresh
from tests.dashboard import http
from tests.dashboard.html import soup, text_of
from tests.zones import BEFORE, SAID, TODAY, planned_by_earlier_rules

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def autumn() -> Iterator[None]:
    """Before the session of a client."""
    with time_machine.travel("2026-12-01T12:00Z", tick=False):
        yield


@pytest.fixture
def interview(autumn: None, schedule: Callable[..., Interview]) -> Interview:
    return planned_by_earlier_rules(schedule)


def decide(client: Client, interview: Interview, choice: str, **other: str) -> Any:
    page = soup(client.get(f"/interviews/{interview.id}/"))
    form = page.select_one(".zone-change form")
    values = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    values.pop("csrfmiddlewaretoken", None)
    return client.post(form["action"], values | other | {"choice": choice}, headers=FRAGMENT)


@pytest.mark.parametrize("path", ["/live/", "/interviews/{id}/"])
def test_list_and_page_have_both_readings(
    interview: Interview, staff_client: Client, path: str
) -> None:
    page = soup(staff_client.get(path.format(id=interview.id)))
    told = page.select_one(".zone-change")
    words = text_of(told)
    assert "This was planned for Tuesday, 15 December 2026, 10:00 there" in words
    assert "It currently starts at 11:00 (UTC-06:00), which is 17:00 UTC" in words
    assert "The agreed time would be 10:00 (UTC-06:00), which is 16:00 UTC" in words
    buttons = [each.find(string=True).strip() for each in told.select("button")]
    assert buttons == ["Move to 10:00", "Keep 11:00"]
    assert "message-warn" in told["class"]


def test_row_needs_attention(interview: Interview, staff_client: Client) -> None:
    row = soup(staff_client.get("/live/")).select_one(f"#row-{interview.id}")
    assert (row["data-group"], "needs-staff" in row["class"]) == ("attention", True)


def test_last_day_is_urgent(interview: Interview, staff: User, client: Client) -> None:
    with time_machine.travel("2026-12-14T17:00Z", tick=False):
        client.force_login(staff)
        told = soup(client.get("/live/")).select_one(".zone-change")
    assert "message-bad" in told["class"]
    assert "less than 24 hours" in told.get_text()


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("move", (TODAY, SAID)), ("keep", (BEFORE, "2026-12-15T11:00"))],
)
def test_one_click_decides(
    interview: Interview, staff_client: Client, choice: str, expected: Any
) -> None:
    assert decide(staff_client, interview, choice).status_code == 204
    row = fresh(interview)
    assert (row.scheduled_at, row.scheduled_local) == expected
    for path in ("/live/", f"/interviews/{interview.id}/"):
        assert soup(staff_client.get(path)).select(".zone-change") == []


def test_without_scripts_the_page_follows(interview: Interview, staff_client: Client) -> None:
    values = {
        name: str(int(at.timestamp())) for name, at in (("planned", BEFORE), ("reading", TODAY))
    }
    response = staff_client.post(f"/interviews/{interview.id}/zone/", values | {"choice": "keep"})
    assert (response.status_code, response["Location"]) == (302, f"/interviews/{interview.id}/")


@pytest.mark.parametrize(
    "other",
    [{"reading": "1"}, {"planned": "tomorrow"}, {"reading": "9" * 11}],
)
def test_choice_that_does_not_fit_is_refused(
    interview: Interview, staff_client: Client, other: dict[str, str]
) -> None:
    assert decide(staff_client, interview, "move", **other).status_code == 409
    assert decide(staff_client, interview, "both").status_code == 409
    assert fresh(interview).scheduled_at == BEFORE


def test_interview_that_is_over_is_refused(interview: Interview, staff_client: Client) -> None:
    page = soup(staff_client.get(f"/interviews/{interview.id}/"))
    actions.revoke(interview, by="recruiter")
    form = page.select_one(".zone-change form")
    values = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    response = staff_client.post(form["action"], values | {"choice": "move"}, headers=FRAGMENT)
    assert response.status_code == 409
    assert "Status: Cancelled" in soup(response).get_text()


def test_api_has_the_other_reading(interview: Interview, staff_client: Client) -> None:
    found = staff_client.get(f"/api/interviews/{interview.id}").json()
    assert (found["scheduledAt"], found["changedReading"]) == (
        "2026-12-15T17:00:00Z",
        "2026-12-15T16:00:00Z",
    )


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"scheduledLocal": SAID}, (TODAY, SAID)),
        ({"scheduledAt": "2026-12-15T17:00:00Z"}, (BEFORE, "2026-12-15T11:00")),
    ],
)
def test_api_moves_or_keeps_it(
    interview: Interview, staff_client: Client, sent: dict[str, str], expected: Any
) -> None:
    path = f"/api/interviews/{interview.id}"
    assert http.post(staff_client, f"{path}/reschedule", sent).status_code == 200
    row = fresh(interview)
    assert (row.scheduled_at, row.scheduled_local) == expected
    assert staff_client.get(path).json()["changedReading"] is None
