"""POST /take-home/<passcode>/start"""

from itertools import product

from django.test import Client

from interviews.lifecycle import PROVISIONING, Status
from operations import models
from tests.candidate_portal.actions import HTMX, assert_refused_with_message, press
from tests.conftest import fresh


def path(interview):
    return f"/take-home/{interview.passcode}/start"


def test_start_provisions_and_shows_the_first_step(client, take_home, enqueued):
    answer = press(client, "start", take_home)
    assert answer.status_code == 200
    assert 'data-status="activated"' in answer.text
    assert fresh(take_home).state is Status.ACTIVATED
    assert enqueued == [("operations.run", fresh(take_home).operation_id)]


def test_start_without_scripts_redirects_to_the_page(client, take_home):
    answer = client.post(path(take_home))
    assert (answer.status_code, answer["Location"]) == (302, f"/take-home/{take_home.passcode}/")


def test_start_twice_makes_one_operation(client, take_home):
    first = press(client, "start", take_home)
    second = press(client, "start", take_home)
    assert [first.status_code, second.status_code] == [200, 200]
    assert len(models.list_operations(take_home.id)) == 1


def test_start_in_a_wrong_status_is_refused_with_a_message(client, interview_in):
    assert_refused_with_message(
        client,
        "start",
        interview_in,
        set(Status) - PROVISIONING - {Status.AVAILABLE, Status.SCHEDULED},
    )


def test_late_start_without_scripts_shows_the_whole_page(client, interview_in):
    answer = client.post(path(interview_in(Status.EXPIRED)))
    assert answer.status_code == 409
    assert answer.text.startswith("<!doctype html>")
    assert "This invitation has expired and can no longer be started." in answer.text


def test_start_with_a_wrong_passcode_starts_nothing(client, take_home):
    assert client.post("/take-home/ZZZZZZZZ/start", headers=HTMX).status_code == 404
    assert fresh(take_home).state is Status.AVAILABLE


def test_start_without_csrf_token_is_refused(take_home):
    assert Client(enforce_csrf_checks=True).post(path(take_home)).status_code == 403
    assert fresh(take_home).state is Status.AVAILABLE


def test_other_methods_are_not_allowed(client, take_home):
    for verb, method in product(("start", "submit", "retry"), ("get", "head", "put", "delete")):
        answer = getattr(client, method)(f"/take-home/{take_home.passcode}/{verb}")
        assert answer.status_code == 405
    assert fresh(take_home).state is Status.AVAILABLE


def test_responses_are_never_cached(client, take_home):
    assert press(client, "start", take_home)["Cache-Control"] == "no-store, private"
