"""Deleting an ended interview: confirmation, action, and refusal."""

import json
from collections.abc import Callable
from dataclasses import fields

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client

from dashboard.presenters.deletion import deleted_parts
from interviews import queries
from interviews.lifecycle import EndReason
from interviews.models import Interview, StaleWriteError
from operations import actions, retention
from operations.candidate_data.inventory import Inventory
from tests.conftest import fresh, run_until_idle


@pytest.fixture
def ended(running: Interview) -> Interview:
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    return run_until_idle(running)


def words(response, selector: str) -> str:
    return BeautifulSoup(response.content, "html.parser").select_one(selector).get_text()


def listed(response) -> list[str]:
    page = BeautifulSoup(response.content, "html.parser")
    return [each.get_text() for each in page.select("#ask-text .deleted-parts li")]


def test_question_says_what_is_deleted_and_changes_nothing(
    staff_client: Client, ended: Interview
) -> None:
    response = staff_client.get(f"/interviews/{ended.id}/delete/")
    assert words(response, "#ask-title") == "Delete this test permanently?"
    assert listed(response) == [
        "Name, email address and all details",
        "Submitted files",
        "Progress",
        "Activity log",
    ]
    text = words(response, "#ask-text")
    assert text.endswith("The candidate's link will stop working. This can't be undone.")
    assert fresh(ended).history_s3_key == ended.history_s3_key


def test_question_speaks_of_no_files_where_none_were_saved(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    interview = in_state("expired")
    response = staff_client.get(f"/interviews/{interview.id}/delete/")
    assert listed(response) == ["Name, email address and all details"]


def test_each_kind_that_a_reader_would_miss_is_named() -> None:
    """What is counted has a word, unless nobody has heard of it."""
    unsaid = {"search_terms"}
    for field in fields(Inventory):
        parts = deleted_parts(Inventory(**{field.name: 2}))
        assert len(parts) == (field.name not in unsaid), field.name


def test_deletion_drops_the_row_and_says_so(staff_client: Client, ended: Interview) -> None:
    headers = {"HX-Request": "true"}
    response = staff_client.post(f"/interviews/{ended.id}/delete/", headers=headers)
    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"]) == {
        "interview-changed": {"interviewId": ended.id, "done": "The test was deleted."}
    }
    assert queries.get_interview(ended.id) is None
    for part in ("", "row/?tab=history", "delete/", "logs/"):
        assert (
            staff_client.get(f"/interviews/{ended.id}/{part}", headers=headers).status_code == 404
        ), part


def test_deletion_without_scripts_leads_to_the_history(
    staff_client: Client, ended: Interview
) -> None:
    response = staff_client.post(f"/interviews/{ended.id}/delete/")
    assert (response.status_code, response["Location"]) == (302, "/history/")


def test_deleted_candidates_link_is_unknown(staff_client: Client, ended: Interview) -> None:
    staff_client.post(f"/interviews/{ended.id}/delete/")
    assert staff_client.get(f"/take-home/{ended.passcode}/").status_code == 404
    assert staff_client.get(f"/api/interviews/by-passcode/{ended.passcode}").status_code == 404


def test_deletion_of_what_runs_is_refused_with_a_sentence(
    staff_client: Client, running: Interview
) -> None:
    response = staff_client.post(f"/interviews/{running.id}/delete/")
    assert response.status_code == 409
    assert (
        words(response, "#ask-text") == "Only what has ended can be deleted. Status: In progress."
    )
    answer = staff_client.delete(f"/api/interviews/{running.id}")
    assert answer.status_code == 409
    assert (
        answer.json()["error"]["message"]
        == "Only what has ended can be deleted. Status: In progress."
    )
    assert fresh(running).status == "active"


def test_deletion_that_lost_a_race_says_so(
    staff_client: Client, ended: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(interview: Interview, *, by: str) -> None:
        raise StaleWriteError(interview.id)

    monkeypatch.setattr(retention, "delete_interview", lose)
    response = staff_client.post(f"/interviews/{ended.id}/delete/")
    assert response.status_code == 409
    assert words(response, "#ask-text").startswith("Someone else just changed this.")
    assert staff_client.delete(f"/api/interviews/{ended.id}").status_code == 409


def test_api_deletes(staff_client: Client, ended: Interview) -> None:
    response = staff_client.delete(f"/api/interviews/{ended.id}")
    assert (response.status_code, response.content) == (204, b"")
    assert queries.get_interview(ended.id) is None
    assert staff_client.delete(f"/api/interviews/{ended.id}").status_code == 404


def test_outsider_deletes_nothing(client: Client, outsider: User, ended: Interview) -> None:
    assert client.delete(f"/api/interviews/{ended.id}").status_code == 401
    client.force_login(outsider)
    assert client.post(f"/interviews/{ended.id}/delete/").status_code == 403
    assert client.delete(f"/api/interviews/{ended.id}").status_code == 403
    assert fresh(ended).history_s3_key == ended.history_s3_key


def test_api_deletes_nothing_without_a_csrf_token(staff: User, ended: Interview) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    assert client.delete(f"/api/interviews/{ended.id}").status_code == 403
    assert fresh(ended).status == "completed"
