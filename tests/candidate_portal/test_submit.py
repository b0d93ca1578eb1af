"""POST /take-home/<passcode>/submit"""

from django.test import Client

from interviews.lifecycle import Status
from tests.candidate_portal.actions import HTMX, assert_refused_with_message, press
from tests.conftest import fresh, run_until_idle


def path(interview):
    return f"/take-home/{interview.passcode}/submit"


def test_submit_saves_and_shows_the_archive(client, running, engine):
    answer = press(client, "submit", running)
    assert answer.status_code == 200
    assert "Saving your files" in answer.text
    assert "You submitted your test." in answer.text
    ended = run_until_idle(running)
    assert ended.state is Status.COMPLETED
    assert engine.running == {}
    assert "Your files are saved" in client.get(f"/take-home/{running.passcode}/").text


def test_submit_twice_ends_the_test_once(client, running):
    press(client, "submit", running)
    operation_id = fresh(running).operation_id
    assert press(client, "submit", running).status_code == 200
    assert fresh(running).operation_id == operation_id


def test_submit_in_a_wrong_status_is_refused_with_a_message(client, interview_in):
    assert_refused_with_message(
        client, "submit", interview_in, set(Status) - {Status.ACTIVE, Status.DESTROYING}
    )


def test_submit_with_a_wrong_passcode_ends_nothing(client, running):
    assert client.post("/take-home/ZZZZZZZZ/submit", headers=HTMX).status_code == 404
    assert fresh(running).state is Status.ACTIVE


def test_submit_without_csrf_token_is_refused(running):
    assert Client(enforce_csrf_checks=True).post(path(running)).status_code == 403
    assert fresh(running).state is Status.ACTIVE
