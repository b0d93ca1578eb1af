"""What staff sees of a candidate's practice workspace: that there was one, and when."""

import pytest

from interviews.derived_keys import list_key_of
from interviews.lifecycle import Status
from interviews.pagination.history import Filters
from interviews.search import lookup
from operations import actions, practice
from operations.reaper import scan
from operations.reaper.models import Orphan
from tests.conftest import fresh, operation_of, run_until_idle
from tests.dashboard.http import post


@pytest.fixture
def practised(take_home, engine):
    """A practice workspace that is running, of `take_home`."""
    actions.start_practice(take_home)
    return run_until_idle(practice.practices_of(take_home.id)[0])


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


def test_the_timeline_says_that_the_candidate_practised(desk, take_home, practised):
    body = desk.get(f"/interviews/{take_home.id}/").text
    assert "tried a practice workspace" in body
    told = desk.get(f"/api/interviews/{take_home.id}").json()["timeline"][-1]
    assert (told["what"], told["by"]) == ("practised", "candidate")


def test_it_has_no_page_of_its_own(desk, practised):
    assert practised.password
    for path in (
        f"/interviews/{practised.id}/",
        f"/interviews/{practised.id}/row/",
        f"/api/interviews/{practised.id}",
        f"/api/interviews/{practised.id}/files",
    ):
        answer = desk.get(path)
        assert (path, answer.status_code) == (path, 404)
        assert practised.password not in answer.text


def test_its_operations_are_not_those_of_staff(desk, practised):
    operation = operation_of(practised)
    for path in (
        f"/operations/{operation.id}/lines/",
        f"/api/operations/{operation.id}",
        f"/api/operations/{operation.id}/logs",
    ):
        assert (path, desk.get(path).status_code) == (path, 404)
    assert post(desk, f"/api/operations/{operation.id}/cancel").status_code == 404


@pytest.mark.parametrize("what", ["", "/export", "/delete"])
def test_it_is_no_interview_of_candidate_data(desk, practised, what):
    answer = post(desk, f"/api/candidate-data{what}", {"interviewId": practised.id})
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Interview not found.")
    assert fresh(practised).status == practised.status


def test_admin_has_no_record_of_it(admin_client, practised):
    for path in (
        f"/admin/dashboard/interviewrecord/{practised.id}/change/",
        "/admin/dashboard/interviewrecord/?status=active",
        f"/admin/dashboard/interviewrecord/?q={practised.id}",
    ):
        answer = admin_client.get(path, follow=True)
        assert practised.password not in answer.text
        assert f"{practised.id}/change" not in answer.text


def test_no_list_and_no_search_finds_it(desk, practised):
    assert lookup.search_page(practised.id, Filters(), by_passcode=True).items == []
    for path in ("/", "/ended/", "/live/", "/history/", "/find/?q=practice", "/api/interviews"):
        assert practised.id not in desk.get(path).text
    assert practised.list_key == list_key_of("practice", Status.ACTIVE)


def test_staff_cannot_start_it_again(desk, take_home, practised):
    actions.end_practice(take_home)
    run_until_idle(practised)
    answer = desk.post(f"/api/interviews/{practised.id}/activate", {}, "application/json")
    assert answer.status_code == 404
    assert fresh(practised).state is Status.COMPLETED


def test_workspaces_mark_one_that_was_left_over(desk, take_home, practised, engine):
    actions.end_practice(take_home)
    run_until_idle(practised)
    engine.running[practised.id] = {}
    scan.scan_engines()
    assert Orphan.objects.get().interview_id == take_home.id
    body = desk.get("/workspaces/").text
    assert "Practice workspace ·" in body
    assert f'href="/interviews/{take_home.id}/"' in body
