"""Cancelling, stopping and retrying a live interview."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from interviews.models import Interview
from operations import actions
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.dashboard.html import soup


def words(staff_client: Client, interview: Interview, verb: str) -> tuple[str, str, list[str]]:
    page = soup(staff_client.get(f"/interviews/{interview.id}/{verb}/"))
    buttons = [each.get_text() for each in page.select("button")]
    return page.select_one("h2").get_text(), page.select_one("#ask-text").get_text(), buttons


def test_cancel_says_what_will_happen_in_each_state(
    staff_client: Client, live_in_state: Callable[..., Interview]
) -> None:
    statuses = ["scheduled", "activated", "initializing", "configuring", "error", "destroying",
                "cancelled"]  # fmt: skip
    asked = [words(staff_client, live_in_state(status), "revoke") for status in statuses]
    assert {(title, *buttons) for title, _, buttons in asked} == {
        ("Cancel this interview?", "Keep interview", "Cancel interview")
    }
    assert [text.split(",")[0].split(".")[0] for _, text, _ in asked] == [
        "No workspace is started",
        "The workspace is being started",
        "The workspace is being started",
        "The workspace is being started",
        "The workspace couldn't be started",
        "It's already ending",
        "There's nothing left to do",
    ]


@pytest.mark.parametrize(
    ("saves", "expected"),
    [
        (True, "The files are saved, then the workspace is closed."),
        (False, "Its files aren't saved."),
    ],
)
def test_end_says_what_becomes_of_the_files(
    staff_client: Client,
    live_in_state: Callable[..., Interview],
    saves: bool,
    expected: str,
) -> None:
    title, text, buttons = words(staff_client, live_in_state("active", save_files=saves), "end")
    assert title == "Stop this interview now?"
    assert expected in text
    assert buttons == ["Cancel", "Stop now"]


def test_cancel_of_a_scheduled_interview_calls_it_off(
    staff_client: Client, regular: Interview, enqueued: list[Any]
) -> None:
    assert staff_client.post(f"/interviews/{regular.id}/revoke/").status_code == 204
    assert (fresh(regular).status, enqueued) == ("cancelled", [])


def test_cancel_while_it_is_made_ready_tears_down(
    staff_client: Client, regular: Interview, engine: Any
) -> None:
    actions.activate(regular, by="schedule")
    assert staff_client.post(f"/interviews/{regular.id}/revoke/").status_code == 204
    assert run_until_idle(regular).status == "revoked"


def test_end_saves_and_completes(staff_client: Client, regular: Interview, engine: Any) -> None:
    runner.run_operation(actions.activate(regular, by="schedule"))
    assert staff_client.post(f"/interviews/{regular.id}/end/").status_code == 204
    ended = run_until_idle(regular)
    assert (ended.status, ended.end_reason) == ("completed", "ended_by_staff")
    assert ended.history_s3_key is not None


def test_end_without_files_saves_none(
    staff_client: Client, schedule: Callable[..., Interview], engine: Any
) -> None:
    interview = schedule(save_files=False)
    runner.run_operation(actions.activate(interview, by="schedule"))
    staff_client.post(f"/interviews/{interview.id}/end/")
    ended = run_until_idle(interview)
    assert (ended.status, ended.history_s3_key) == ("completed", None)


def test_retry_provisions_again(
    staff_client: Client, live_in_state: Callable[..., Interview]
) -> None:
    interview = live_in_state("error")
    assert staff_client.post(f"/interviews/{interview.id}/retry/").status_code == 204
    assert (fresh(interview).status, operation_of(interview).requested_by) == (
        "activated",
        "recruiter",
    )
