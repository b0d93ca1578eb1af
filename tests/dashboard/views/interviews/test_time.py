"""Dialogs that change an interview's time, or reopen it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from interviews.dynamodb import now
from interviews.lifecycle import EndReason
from interviews.models import Interview, StaleWriteError
from interviews.status_labels import status_label
from operations import actions
from tests.conftest import fresh, run_until_idle
from tests.dashboard.html import soup


def words(response: Any, selector: str) -> str:
    found = soup(response).select_one(selector)
    assert found is not None, selector
    return re.sub(r"\s+", " ", found.get_text()).strip()


def ends(response: Any) -> list[str]:
    return [str(each["datetime"]) for each in soup(response).select(".choices time")]


def extend(staff_client: Client, interview: Interview, **fields: str) -> Any:
    return staff_client.post(f"/interviews/{interview.id}/extend/", fields)


def reopen(staff_client: Client, interview: Interview, minutes: str = "30") -> Any:
    return staff_client.post(f"/interviews/{interview.id}/reopen/", {"minutes": minutes})


@pytest.fixture
def ended(running: Interview) -> Interview:
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    return run_until_idle(running)


@pytest.fixture
def overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user always writes first."""

    def lost(*args: object, **options: object) -> None:
        raise StaleWriteError

    monkeypatch.setattr(actions, "extend", lost)
    monkeypatch.setattr(actions, "reopen", lost)


# -- more time -------------------------------------------------------------------------------------


def test_question_says_the_end_that_each_choice_makes(
    staff_client: Client, running: Interview
) -> None:
    response = staff_client.get(f"/interviews/{running.id}/extend/")
    wanted = [running.auto_destroy_at + timedelta(minutes=each) for each in (5, 15, 30, 60)]
    assert ends(response) == [each.isoformat() for each in wanted]
    assert fresh(running).auto_destroy_at == running.auto_destroy_at


def test_question_before_the_start_says_the_length(
    staff_client: Client, take_home: Interview
) -> None:
    response = staff_client.get(f"/interviews/{take_home.id}/extend/")
    assert words(response, "#ask-text").startswith("Time limit: 1 h once the workspace is ready")
    assert [each.get_text() for each in soup(response).select(".choices .sub")][:4] == [
        "1 h 5 min in total",
        "1 h 15 min in total",
        "1 h 30 min in total",
        "2 h in total",
    ]


def test_question_while_the_clock_stands_still(staff_client: Client, running: Interview) -> None:
    running.change_time(paused_at=now(), paused_left=600)
    response = staff_client.get(f"/interviews/{running.id}/extend/")
    assert words(response, "#ask-text").startswith("The clock is paused with 10 min left")
    assert words(response, ".choice .sub") == "15 min in total"


@pytest.mark.parametrize(
    ("typed", "told"),
    [("45", True), ("-5", True), ("−5", True), ("481", False), ("1" * 12, False), ("x", False)],
)
def test_end_of_what_is_typed_is_told_at_once(
    staff_client: Client, running: Interview, typed: str, told: bool
) -> None:
    response = staff_client.get(f"/interviews/{running.id}/extend/", {"minutes": typed})
    assert (response.status_code, soup(response).select_one("time") is not None) == (200, told)


def test_choice_is_given_and_said(staff_client: Client, running: Interview) -> None:
    response = extend(staff_client, running, choice="15", minutes="ignored")
    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"]) == {
        "interview-changed": {"interviewId": running.id, "done": "15 min added."}
    }
    assert fresh(running).auto_destroy_at == running.auto_destroy_at + timedelta(minutes=15)
    assert fresh(running).timeline[-1].by == "recruiter"


@pytest.mark.parametrize(("typed", "minutes"), [("7", 7), (" +7 ", 7), ("-7", -7), ("−7", -7)])
def test_any_number_of_minutes_is_taken(
    staff_client: Client, running: Interview, typed: str, minutes: int
) -> None:
    assert extend(staff_client, running, choice="other", minutes=typed).status_code == 204
    assert fresh(running).auto_destroy_at == running.auto_destroy_at + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the minutes."),
        ("ten", "Enter a whole number."),
        ("1.5", "Enter a whole number."),
        ("²", "Enter a whole number."),
        ("--5", "Enter a whole number."),
        ("9" * 500, "Enter a whole number."),
        ("0", "Enter a number from 1 to 480. Use a minus sign to shorten."),
        ("1000000000", "Enter a number from 1 to 480. Use a minus sign to shorten."),
        ("-480", "That leaves less than a minute. Stop it now instead."),
    ],
)
def test_wrong_number_is_told_at_the_field_and_kept(
    staff_client: Client, running: Interview, typed: str, sentence: str
) -> None:
    response = extend(staff_client, running, choice="other", minutes=typed)
    assert response.status_code == 422
    assert words(response, "#more-minutes-error") == sentence
    field = soup(response).select_one("#more-minutes")
    assert (field["value"], field["aria-invalid"]) == (typed, "true")
    assert soup(response).select_one("input[value=other]").has_attr("checked")
    assert fresh(running).time_changes is None


def test_choice_that_is_too_much_is_refused_with_a_sentence(
    staff_client: Client, take_home: Interview
) -> None:
    take_home.change(extra_seconds=23 * 3600)
    response = extend(staff_client, take_home, choice="60")
    assert response.status_code == 422
    assert words(response, "#more-minutes-error") == "That would be more than 24 hours."


@pytest.mark.parametrize("status", ["completed", "expired", "destroying"])
def test_more_time_for_what_is_over_is_refused(
    staff_client: Client, in_state: Callable[..., Interview], status: str
) -> None:
    interview = in_state(status)
    said = f"The time can't be changed any more. Status: {status_label(interview.state)}."
    for response in (
        staff_client.get(f"/interviews/{interview.id}/extend/"),
        extend(staff_client, interview, choice="15"),
    ):
        assert response.status_code == 409
        assert words(response, "#ask-text") == said


# -- reopening -------------------------------------------------------------------------------------


def test_question_says_what_opening_again_does_and_changes_nothing(
    staff_client: Client, ended: Interview
) -> None:
    response = staff_client.get(f"/interviews/{ended.id}/reopen/")
    assert "with the saved files" in words(response, "#ask-text")
    assert soup(response).select_one("#reopen-minutes")["value"] == "30"
    assert fresh(ended).status == "completed"


def test_it_is_opened_again_for_the_minutes_given(staff_client: Client, ended: Interview) -> None:
    response = reopen(staff_client, ended, "45")
    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"])["interview-changed"]["interviewId"] == ended.id
    again = fresh(ended)
    assert (again.status, again.length) == ("activated", timedelta(minutes=45))
    assert again.timeline[-1].by == "recruiter"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the minutes."),
        ("half an hour", "Enter a whole number."),
        ("0", "Enter a number from 1 to 480."),
        ("-30", "Enter a number from 1 to 480."),
        ("481", "Enter a number from 1 to 480."),
    ],
)
def test_wrong_minutes_to_open_again_are_told_and_kept(
    staff_client: Client, ended: Interview, typed: str, sentence: str
) -> None:
    response = reopen(staff_client, ended, typed)
    assert response.status_code == 422
    assert words(response, "#reopen-minutes-error") == sentence
    assert soup(response).select_one("#reopen-minutes")["value"] == typed
    assert fresh(ended).status == "completed"


@pytest.mark.parametrize("status", ["available", "active", "completed", "expired"])
def test_what_has_no_saved_files_is_not_opened_again(
    staff_client: Client, in_state: Callable[..., Interview], status: str
) -> None:
    interview = in_state(status)
    assert staff_client.get(f"/interviews/{interview.id}/reopen/").status_code == 409
    response = reopen(staff_client, interview)
    assert response.status_code == 409
    assert words(response, "#ask-text").startswith("Only a finished test with saved files")
    assert fresh(interview).status == status


# -- both ----------------------------------------------------------------------------------------


def test_who_comes_second_is_told(
    staff_client: Client, running: Interview, overtaken: None
) -> None:
    for response in (extend(staff_client, running, choice="15"), reopen(staff_client, running)):
        assert response.status_code == 409
        assert words(response, "#ask-text").startswith("Someone else just changed this")


def test_time_is_changed_only_with_the_csrf_token(staff: User, ended: Interview) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    for verb in ("extend", "reopen"):
        response = strict.post(f"/interviews/{ended.id}/{verb}/", {"minutes": "30"})
        assert response.status_code == 403, verb
    assert fresh(ended).status == "completed"


def test_unknown_interview_is_not_found(staff_client: Client, tables: None) -> None:
    for verb in ("extend", "reopen"):
        assert staff_client.get(f"/interviews/none/{verb}/").status_code == 404
        assert staff_client.post(f"/interviews/none/{verb}/", {"minutes": "5"}).status_code == 404
