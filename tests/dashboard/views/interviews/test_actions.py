"""Stop, withdraw, stop without saving, try again: confirmation, action, and refusal."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from interviews.attributes import DRY_RUN, LIVE
from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import Broken, CannotSave

NON_FINAL = ["available", "activated", "initializing", "configuring", "active", "error"]


def page_of(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def words(response, selector: str) -> str:
    found = page_of(response).select_one(selector)
    assert found is not None
    return found.get_text()


def test_revoke_says_what_will_happen_in_each_state(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    said = [
        words(staff_client.get(f"/interviews/{in_state(status).id}/revoke/"), "#ask-text")
        for status in [*NON_FINAL, "destroying", "completed"]
    ]
    assert [sentence.split(".")[0] for sentence in said] == [
        "The test can no longer be started, and the candidate's link says so",
        "The candidate has pressed Start test",
        "The candidate has pressed Start test",
        "The candidate has pressed Start test",
        "The files are saved, then the workspace is closed",
        "The workspace couldn't be started",
        "It's already ending, so it can't be withdrawn",
        "There's nothing left to do",
    ]


def test_question_changes_nothing(staff_client: Client, take_home: Interview) -> None:
    for verb in ("revoke", "end", "end-without-saving", "retry"):
        assert staff_client.get(f"/interviews/{take_home.id}/{verb}/").status_code == 200
    assert fresh(take_home).status == "available"


def test_revoke_withdraws_an_invitation(staff_client: Client, take_home: Interview) -> None:
    response = staff_client.post(f"/interviews/{take_home.id}/revoke/")
    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"]) == {
        "interview-changed": {"interviewId": take_home.id, "done": "The invitation was withdrawn."}
    }
    revoked = fresh(take_home)
    assert (revoked.status, revoked.timeline[-1].by) == ("revoked", "recruiter")


@pytest.mark.parametrize("status", NON_FINAL[1:])
def test_revoke_of_what_was_started_tears_down(
    staff_client: Client, in_state: Callable[..., Interview], enqueued: list, status: str
) -> None:
    interview = in_state(status)
    assert staff_client.post(f"/interviews/{interview.id}/revoke/").status_code == 204
    assert fresh(interview).status == "destroying"
    operation = operation_of(interview)
    assert (operation.type, operation.requested_by) == ("destroy", "recruiter")
    assert enqueued == [("operations.run", operation.id)]


def test_revoke_of_a_running_test_saves_and_destroys(
    staff_client: Client, running: Interview, engine
) -> None:
    staff_client.post(f"/interviews/{running.id}/revoke/")
    ended = run_until_idle(running)
    assert (ended.status, ended.password, engine.destroyed) == ("revoked", None, [running.id])
    assert ended.history_s3_key is not None


@pytest.mark.parametrize(("status", "label"), [("completed", "Finished"), ("expired", "Expired")])
def test_revoke_of_what_is_over_says_so(
    staff_client: Client, in_state: Callable[..., Interview], status: str, label: str
) -> None:
    interview = in_state(status, completed_at=now())
    response = staff_client.post(f"/interviews/{interview.id}/revoke/")
    assert response.status_code == 409
    assert words(response, "#ask-text") == f"This can't be withdrawn any more. Status: {label}."
    assert fresh(interview).status == status


def test_end_saves_and_completes(staff_client: Client, running: Interview) -> None:
    assert staff_client.post(f"/interviews/{running.id}/end/").status_code == 204
    ended = run_until_idle(running)
    assert (ended.status, ended.end_reason) == ("completed", "ended_by_staff")


def test_end_of_an_invitation_is_refused(staff_client: Client, take_home: Interview) -> None:
    response = staff_client.post(f"/interviews/{take_home.id}/end/")
    assert response.status_code == 409
    assert (
        words(response, "#ask-text") == "Only what is in progress can be stopped. Status: Invited."
    )


def test_end_without_saving_gives_up_on_the_files(
    staff_client: Client, take_home: Interview, use_engine: Callable[..., object]
) -> None:
    use_engine(CannotSave())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    staff_client.post(f"/interviews/{take_home.id}/end/")
    runner.run_operation(operation_of(take_home).id)
    assert fresh(take_home).status == "destroying"
    assert staff_client.post(f"/interviews/{take_home.id}/end-without-saving/").status_code == 204
    ended = run_until_idle(take_home)
    assert (ended.status, ended.history_s3_key) == ("completed", None)


def test_retry_provisions_again(
    staff_client: Client, take_home: Interview, use_engine: Callable[..., object]
) -> None:
    use_engine(Broken())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    assert fresh(take_home).status == "error"
    assert staff_client.post(f"/interviews/{take_home.id}/retry/").status_code == 204
    assert fresh(take_home).status == "activated"


def test_retry_of_what_did_not_fail_is_refused(staff_client: Client, take_home: Interview) -> None:
    response = staff_client.post(f"/interviews/{take_home.id}/retry/")
    assert response.status_code == 409
    assert fresh(take_home).status == "available"


def test_deeds_need_the_csrf_token(staff, take_home: Interview) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    for verb in ("revoke", "end", "end-without-saving", "retry"):
        assert strict.post(f"/interviews/{take_home.id}/{verb}/").status_code == 403, verb
    assert fresh(take_home).status == "available"


# -- stopping and withdrawing ----------------------------------------------------------------------


def test_stop_asks_whether_the_candidate_may_come_back(
    staff_client: Client, running: Interview
) -> None:
    page = page_of(staff_client.get(f"/interviews/{running.id}/end/"))
    choices = {each["value"]: each.has_attr("checked") for each in page.select("[name=after]")}
    assert choices == {"keep": True, "withdraw": False}


def test_stop_for_good_withdraws_the_test(staff_client: Client, running: Interview) -> None:
    response = staff_client.post(f"/interviews/{running.id}/end/", {"after": "withdraw"})
    assert response.status_code == 204
    assert run_until_idle(running).status == "revoked"


@pytest.mark.parametrize("type_", [LIVE, DRY_RUN])
def test_stop_asks_nothing_where_there_is_nothing_to_choose(
    staff_client: Client, running: Interview, type_: str
) -> None:
    running.update(actions=[Interview.type.set(type_)])
    page = page_of(staff_client.get(f"/interviews/{running.id}/end/"))
    assert page.select("[name=after]") == []


@pytest.mark.parametrize("status", ["activated", "active", "error"])
def test_dry_run_is_only_stopped(
    staff_client: Client, in_state: Callable[..., Interview], status: str
) -> None:
    dry_run = in_state(status, auto_destroy_at=now() + timedelta(hours=1))
    dry_run.update(actions=[Interview.type.set(DRY_RUN)])
    page = page_of(staff_client.get(f"/interviews/{dry_run.id}/"))
    labels = [each.get_text() for each in page.select(".sheet-actions button")]
    assert [each for each in labels if each not in ("Try again", "Extend time")] == ["Stop"]
    url = page.find("button", string="Stop")["data-ask"]
    asked = page_of(staff_client.get(str(url)))
    assert asked.h2.get_text() == "Stop this dry run?"
    assert "candidate" not in asked.select_one("#ask-text").get_text()
