"""POST /take-home/<passcode>/submit"""

from django.test import Client

from interviews.lifecycle import Status
from tests.conftest import fresh, run_until_idle

HTMX = {"HX-Request": "true"}


def path(interview):
    return f"/take-home/{interview.passcode}/submit"


def test_submit_saves_and_then_tells_what_was_saved(client, running, engine):
    answer = client.post(path(running), headers=HTMX)
    assert answer.status_code == 200
    assert "Saving your files" in answer.text
    assert "You submitted your test." in answer.text
    ended = run_until_idle(running)
    assert ended.state is Status.COMPLETED
    assert engine.running == {}
    assert "Your files are saved" in client.get(f"/take-home/{running.passcode}/").text


def test_submit_pressed_twice_ends_it_once(client, running):
    client.post(path(running), headers=HTMX)
    operation_id = fresh(running).operation_id
    assert client.post(path(running), headers=HTMX).status_code == 200
    assert fresh(running).operation_id == operation_id


def test_submit_of_what_does_not_run_is_told_why(client, standing):
    for status in set(Status) - {Status.ACTIVE, Status.DESTROYING}:
        interview = standing(status)
        answer = client.post(path(interview), headers=HTMX)
        assert (status, answer.status_code) == (status, 409)
        assert answer.text.count('role="alert"') == 1
        assert f'data-status="{status.value}"' in answer.text
        assert fresh(interview).state is status


def test_submit_with_another_passcode_ends_nothing(client, running):
    assert client.post("/take-home/ZZZZZZZZ/submit", headers=HTMX).status_code == 404
    assert fresh(running).state is Status.ACTIVE


def test_submit_from_a_foreign_page_is_refused(running):
    assert Client(enforce_csrf_checks=True).post(path(running)).status_code == 403
    assert fresh(running).state is Status.ACTIVE
