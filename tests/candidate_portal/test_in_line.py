"""The candidate's page while their start waits in line for a workspace."""

import time
from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations.admission.models import Admission, LimitedEngine
from tests.candidate_portal.actions import assert_refused_with_message, press
from tests.conftest import fresh
from tests.dashboard.html import soup, text_of
from tests.operations.admission.conftest import set_limit, started

__all__ = ["set_limit", "started"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_line(started):
    """One test that runs, and four that wait."""
    return started(1, 5)[1:]


def page_of(client, interview):
    return soup(client.get(f"/take-home/{interview.passcode}/"), 200)


def headline(client, interview):
    return text_of(page_of(client, interview).select_one("#headline"))


def test_it_says_the_place(client, in_line):
    words = [headline(client, each) for each in in_line]
    assert words == [f"You're {place} in line" for place in ("1st", "2nd", "3rd", "4th")]
    page = page_of(client, in_line[0])
    assert "Usually about 65 minutes" in text_of(page.select_one(".in-line"))
    assert "Usually about 5 hours" in text_of(page_of(client, in_line[3]).select_one(".in-line"))
    assert "the full 1 hour" in text_of(page)
    assert "data-deadline" not in page.select_one("#screen").attrs


def test_a_wait_of_half_a_day_is_not_told(client, in_line):
    Admission.objects.update(length_seconds=13 * 3600, ends_at=None)
    words = text_of(page_of(client, in_line[0]).select_one(".in-line"))
    assert "We can't say yet how long it takes." in words


def test_it_says_the_usual_wait(client, in_line):
    LimitedEngine.objects.update(freed=[int(time.time()) - ago for ago in (230, 150, 70)])
    assert "Usually about 4 minutes" in text_of(page_of(client, in_line[2]).select_one(".in-line"))


def test_a_place_or_an_estimate_that_changes_is_another_version(client, in_line):
    def version():
        return page_of(client, in_line[1]).select_one("#screen")["data-version"]

    LimitedEngine.objects.update(freed=[int(time.time()) - ago for ago in (230, 150, 70)])
    before = version()
    # The same in minutes.
    LimitedEngine.objects.update(freed=[int(time.time()) - ago for ago in (225, 150, 70)])
    assert version() == before
    LimitedEngine.objects.update(freed=[int(time.time()) - ago for ago in (600, 150, 70)])
    changed = version()
    assert changed != before
    from operations import actions

    actions.move_to_front(in_line[1], by="recruiter")
    assert version() not in (before, changed)


def test_the_candidate_leaves_the_line_and_is_back_at_the_start(client, in_line):
    page = page_of(client, in_line[0])
    dialog = page.select_one("#confirm-leave")
    assert dialog.select_one("form")["hx-post"] == page.select_one("#leave-line").parent["action"]
    words = text_of(dialog)
    assert "Leave the line?" in words
    assert "You can start again until" in words
    assert dialog.select_one("time") is not None
    answer = press(client, "leave-line", in_line[0])
    assert answer.status_code == 200
    assert 'data-status="available"' in answer.text
    assert 'id="start-button"' in answer.text
    assert headline(client, in_line[1]) == "You're 1st in line"


def test_without_scripts_the_button_leads_back_to_the_page(client, in_line):
    path = f"/take-home/{in_line[0].passcode}/"
    answer = client.post(f"{path}leave-line")
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    assert page_of(client, in_line[0]).select_one("#start-button") is not None


def test_after_the_deadline_the_line_cannot_be_left(client, in_line):
    fresh(in_line[0]).change(valid_until=now() - timedelta(seconds=1))
    page = page_of(client, in_line[0])
    assert page.select("#leave-line, #confirm-leave") == []
    answer = press(client, "leave-line", in_line[0])
    assert answer.status_code == 409
    assert "You keep your place." in answer.text
    assert headline(client, in_line[0]) == "You're 1st in line"


def test_who_is_not_in_line_has_nothing_to_leave(client, interview_in):
    others = [each for each in Status if each is not Status.AVAILABLE]
    assert_refused_with_message(client, "leave-line", interview_in, others)
