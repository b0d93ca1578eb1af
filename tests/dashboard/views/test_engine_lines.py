"""Who waits in line for a workspace: rows, the page of workspaces, and moving somebody up."""

from datetime import datetime

import pytest
from django.utils import timezone

from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, REVIEWER, VIEWER
from operations import actions
from operations.admission.models import Admission
from operations.admission.needs import MAX_CLEAN_UP
from operations.audit import AuditAction
from operations.audit.models import AuditEntry
from tests.conftest import fresh, member
from tests.dashboard.html import soup, text_of
from tests.operations.admission.conftest import line_of, look, press_start, set_limit

__all__ = ["set_limit"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_line(invite, engine, set_limit):
    """One test that runs, and two that wait."""
    set_limit(1)
    tests = [invite(candidate_name=name) for name in ("Ada", "Grace", "Joan")]
    for each in tests:
        press_start(each)
    return tests


def move_up(client, interview):
    return client.post(f"/interviews/{interview.id}/move-up/", headers={"HX-Request": "true"})


def test_the_row_says_the_place(staff_client, in_line):
    page = soup(staff_client.get("/"), 200)
    words = [text_of(each) for each in page.select(".working > span:not(.spinner):not(.muted)")]
    assert sorted(words) == ["In line (1st)", "In line (2nd)"]
    page = soup(staff_client.get(f"/interviews/{in_line[2].id}/"), 200)
    assert "In line (2nd)" in text_of(page.select_one(".sheet-step"))


def buttons(client, in_line):
    """How many buttons each has on its page, and the paths of those on the page of workspaces."""
    found = []
    for each in in_line:
        page = soup(client.get(f"/interviews/{each.id}/"), 200)
        found.append(len(page.select(f"[data-ask='/interviews/{each.id}/move-up/']")))
    page = soup(client.get("/workspaces/"), 200)
    return found, [each["data-ask"] for each in page.select(".work-waiting [data-ask]")]


def test_who_is_in_line_can_be_moved_up_and_who_was_is_the_next(staff_client, in_line):
    paths = [f"/interviews/{each.id}/move-up/" for each in in_line]
    # The first one may wait for a place that is kept for an interview.
    assert buttons(staff_client, in_line) == ([0, 1, 1], [paths[1], paths[2]])
    move_up(staff_client, in_line[1])
    assert buttons(staff_client, in_line) == ([0, 0, 1], [paths[2]])
    move_up(staff_client, in_line[2])
    assert buttons(staff_client, in_line) == ([0, 1, 0], [paths[1]])


def test_the_page_of_workspaces_has_the_line(staff_client, in_line):
    page = soup(staff_client.get("/workspaces/"), 200)
    assert text_of(page.select_one("#line-fake")) == "fake: 1 of 1 workspaces in use"
    assert [text_of(each) for each in page.select(".work-who a")] == ["Grace", "Joan"]


def test_without_a_limit_the_page_has_no_line(staff_client, engine, set_limit):
    set_limit(0)
    assert soup(staff_client.get("/workspaces/"), 200).select(".work-line") == []


def test_practice_is_in_line_without_a_button(staff_client, in_line, invite, set_limit):
    test = invite(candidate_name="Katherine")
    # It waits only if the places were taken since it was asked for.
    set_limit(0)
    actions.start_practice(test)
    set_limit(1)
    from operations.practice import practices_of

    look(practices_of(test.id)[0])
    page = soup(staff_client.get("/workspaces/"), 200)
    *_, last = page.select(".work-waiting li")
    assert "Practice workspace" in text_of(last)
    assert last.select_one("a")["href"] == f"/interviews/{test.id}/"
    assert last.select("button") == []


def test_moving_up_is_confirmed_recorded_and_told(staff_client, in_line):
    dialog = soup(staff_client.get(f"/interviews/{in_line[2].id}/move-up/"), 200)
    assert text_of(dialog.select_one("h2")) == "Move to the front of the line?"
    assert move_up(staff_client, in_line[2]).status_code == 204
    assert line_of() == [in_line[2].id, in_line[1].id]
    event = fresh(in_line[2]).timeline[-1]
    assert (event.what, event.by, event.status) == ("moved_up", "recruiter", "activated")
    entry = AuditEntry.objects.get(what=AuditAction.MOVED_UP)
    assert (entry.interview_id, entry.actor) == (in_line[2].id, "recruiter")
    page = soup(staff_client.get(f"/interviews/{in_line[2].id}/"), 200)
    assert "moved it to the front of the line" in text_of(page.select_one("#part-timeline"))


def test_staff_sees_that_a_candidate_left_the_line(staff_client, in_line):
    actions.leave_line(fresh(in_line[1]), by="candidate")
    page = soup(staff_client.get(f"/interviews/{in_line[1].id}/"), 200)
    assert "left the line for a workspace" in text_of(page.select_one("#part-timeline"))
    page = soup(staff_client.get("/workspaces/"), 200)
    assert [text_of(each) for each in page.select(".work-who a")] == ["Joan"]
    page = soup(staff_client.get("/"), 200)
    assert page.select_one(f"#row-{in_line[1].id}")["data-status"] == "available"


def test_who_runs_cannot_be_moved_up(staff_client, in_line):
    response = move_up(staff_client, in_line[0])
    assert response.status_code == 409
    assert "This isn't in line for a workspace any more." in text_of(soup(response, 409))
    assert not AuditEntry.objects.filter(what=AuditAction.MOVED_UP).exists()


@pytest.mark.parametrize(
    ("role", "status"), [(VIEWER, 403), (REVIEWER, 403), (INTERVIEWER, 204), (ADMINISTRATOR, 204)]
)
def test_roles_that_may_move_somebody_up(client, in_line, role, status):
    client.force_login(member("colleague", role))
    assert move_up(client, in_line[2]).status_code == status
    assert (line_of()[0] == in_line[2].id) == (status == 204)


def test_a_place_of_a_workspace_that_could_not_be_removed_is_told(staff_client, in_line):
    Admission.objects.filter(interview_id=in_line[0].id).update(left_since=timezone.now())
    page = soup(staff_client.get("/workspaces/"), 200)
    words = text_of(page.select_one(".work-line .message"))
    assert "1 of them is held by a start that failed" in words
    assert text_of(page.select_one(".work-left a")) == "Ada"
    (link,) = page.select(".work-left a")
    assert link["href"] == f"/interviews/{in_line[0].id}/"
    failed_at, free_at = (
        datetime.fromisoformat(each["datetime"]) for each in page.select(".work-left time")
    )
    assert free_at - failed_at == MAX_CLEAN_UP


def test_without_one_nothing_is_told(staff_client, in_line):
    assert soup(staff_client.get("/workspaces/"), 200).select(".work-line .message") == []
