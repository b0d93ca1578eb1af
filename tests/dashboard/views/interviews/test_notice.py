"""What a notice of the browser is made of: the newest change, without credentials."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from dashboard.permissions.roles import VIEWER
from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions
from operations.audit.models import AuditEntry
from tests.conftest import fresh, member, run_until_idle

pytestmark = pytest.mark.django_db


def notice(client: Client, interview: Interview) -> dict[str, Any] | None:
    """What is told of it, or None for nothing."""
    response = client.get(f"/interviews/{interview.id}/notice/")
    return response.json() if response.status_code == 200 else None


def test_a_problem_is_told_without_credentials(staff_client: Client, running: Interview) -> None:
    actions.report_problem(running, "The editor is blank.", by="candidate")
    told = notice(staff_client, running)
    moment = len(fresh(running).timeline) - 1
    assert told == {
        "event": "problem",
        "isOwn": True,
        "candidateName": running.candidate_name,
        "moment": moment,
    }
    assert "no-store" in staff_client.get(f"/interviews/{running.id}/notice/")["Cache-Control"]


def test_it_is_no_look_at_the_password(staff_client: Client, running: Interview) -> None:
    actions.report_problem(running, "The editor is blank.", by="candidate")
    notice(staff_client, running)
    assert not AuditEntry.objects.filter(what="saw_credentials").exists()


def test_an_end_is_told_once_the_files_are_saved(staff_client: Client, running: Interview) -> None:
    actions.submit(running, by="candidate")
    assert notice(staff_client, running) is None
    told = notice(staff_client, run_until_idle(running))
    assert told is not None
    assert told["event"] == "finished"


def test_what_was_long_ago_is_not_told(staff_client: Client, running: Interview) -> None:
    actions.report_problem(running, "The editor is blank.", by="candidate")
    with time_machine.travel(now().timestamp() + 121, tick=False):
        assert notice(staff_client, running) is None


def test_an_invitation_is_nothing_to_tell(staff_client: Client, take_home: Interview) -> None:
    assert notice(staff_client, take_home) is None
    assert staff_client.get("/interviews/none/notice/").status_code == 404


@pytest.mark.parametrize(
    ("interviewer", "is_own"), [("GRACE@example.com", True), ("edith@example.com", False)]
)
def test_ones_own_are_those_one_conducts(
    client: Client, schedule: Callable[..., Interview], interviewer: str, is_own: bool
) -> None:
    grace = member("grace", VIEWER)
    User.objects.filter(pk=grace.pk).update(email="grace@example.com")
    client.force_login(grace)
    live = schedule(interviewers=[interviewer])
    actions.report_problem(live, "The link does not open.", by="candidate")
    told = notice(client, live)
    assert told is not None
    assert told["isOwn"] is is_own
