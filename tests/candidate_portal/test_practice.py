"""The practice workspace on the candidate's page and in the candidate's API."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from interviews.lifecycle import Status
from operations import practice
from tests.candidate_portal.actions import HTMX, press
from tests.conftest import fresh, run_until_idle
from tests.fakes import Broken


def page(client, interview):
    kind = "take-home" if interview.is_take_home else "interview"
    return client.get(f"/{kind}/{interview.passcode}/", headers=HTMX).text


def phase(client, interview):
    found = re.findall(r'data-practice="(\w+)"', page(client, interview))
    return found[0] if found else None


def row_of(interview):
    return practice.practices_of(interview.id)[-1]


@pytest.fixture
def practising(client, take_home, engine):
    """A candidate whose practice workspace is ready."""
    press(client, "practice", take_home)
    run_until_idle(row_of(take_home))
    return take_home


def api(client, interview, path=""):
    url = f"/api/interviews/{interview.id}/practice{path}"
    return client.post(url, {"passcode": interview.passcode}, "application/json")


def test_page_shows_each_phase(client, take_home, engine):
    assert phase(client, take_home) == "offered"
    answer = press(client, "practice", take_home)
    assert (answer.status_code, 'data-practice="preparing"' in answer.text) == (200, True)
    run_until_idle(row_of(take_home))
    assert phase(client, take_home) == "ready"
    assert 'data-practice="closing"' in press(client, "practice/end", take_home).text
    run_until_idle(row_of(take_home))
    body = page(client, take_home)
    assert "Worked? You're ready." in body
    assert "You can practise 2 more times." in body
    assert 'id="start-button"' in body
    assert fresh(take_home).state is Status.AVAILABLE


def test_page_says_what_it_is_and_how_long(client, take_home, settings):
    settings.PRACTICE_MINUTES = 7
    body = page(client, take_home)
    assert "for up to 7 minutes. It doesn't use any of your time." in body
    assert "not your test's files" in body


def test_page_has_the_password_only_while_it_is_ready(client, practising):
    password = row_of(practising).password
    assert password in page(client, practising)
    press(client, "practice/end", practising)
    assert password not in page(client, practising)


def test_page_changes_with_it(client, take_home, engine):
    """Otherwise an open page would not show it."""

    def version():
        return re.findall(r'data-version="(\w+)"', page(client, take_home))[0]

    seen = [version()]
    press(client, "practice", take_home)
    seen.append(version())
    run_until_idle(row_of(take_home))
    seen.append(version())
    press(client, "practice/end", take_home)
    assert len({*seen, version()}) == 4


def test_failed_one_is_tried_again(client, take_home, use_engine, engine):
    use_engine(Broken())
    press(client, "practice", take_home)
    run_until_idle(row_of(take_home))
    body = page(client, take_home)
    assert "it isn't affected" in body
    assert "Try again" in body
    assert row_of(take_home).problem not in body
    use_engine(engine)
    press(client, "practice", take_home)
    assert run_until_idle(row_of(take_home)).state is Status.ACTIVE


def test_refusal_is_a_sentence_on_the_page_that_still_starts(client, take_home, settings):
    settings.PRACTICE_WORKSPACES = 0
    answer = press(client, "practice", take_home)
    assert answer.status_code == 409
    assert "All practice workspaces are in use" in answer.text
    assert 'id="start-button"' in answer.text


def test_nothing_is_offered_if_it_is_switched_off(client, take_home, settings):
    settings.PRACTICE_MINUTES = 0
    assert phase(client, take_home) is None
    assert press(client, "practice", take_home).status_code == 409


def test_nothing_is_offered_once_the_test_was_started(client, practising):
    press(client, "start", practising)
    assert phase(client, practising) is None
    opened = client.get(f"/take-home/{practising.passcode}/practice/open")
    assert opened.headers["Location"] == f"/take-home/{practising.passcode}/"


def test_start_says_that_it_closes_the_practice_workspace(client, practising):
    assert "close your practice workspace" in page(client, practising)
    press(client, "practice/end", practising)
    assert "close your practice workspace" not in page(client, practising)


def test_open_leads_to_the_workspace(client, practising):
    answer = client.get(f"/take-home/{practising.passcode}/practice/open")
    assert answer.headers["Location"] == row_of(practising).access_url


def test_open_without_one_leads_back(client, take_home):
    answer = client.get(f"/take-home/{take_home.passcode}/practice/open")
    assert answer.headers["Location"] == f"/take-home/{take_home.passcode}/"


def test_without_scripts_it_leads_back_to_the_page(client, take_home, engine):
    answer = client.post(f"/take-home/{take_home.passcode}/practice")
    assert (answer.status_code, answer["Location"]) == (302, f"/take-home/{take_home.passcode}/")


def test_live_interview_has_one_too(client, schedule, engine):
    interview = schedule()
    path = f"/interview/{interview.passcode}/practice"
    assert client.post(path)["Location"] == f"/interview/{interview.passcode}/"
    run_until_idle(row_of(interview))
    assert phase(client, interview) == "ready"
    assert client.get(f"{path}/open")["Location"] == row_of(interview).access_url
    assert client.post(f"{path}/end", headers=HTMX).status_code == 200
    assert phase(client, interview) == "closing"


def test_wrong_passcodes_and_forged_posts_start_nothing(client, take_home):
    for verb in ("practice", "practice/end"):
        assert client.post(f"/take-home/ZZZZZZZZ/{verb}", headers=HTMX).status_code == 404
        path = f"/take-home/{take_home.passcode}/{verb}"
        assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert practice.practices_of(take_home.id) == []


def test_api_starts_shows_and_ends_it(client, take_home, engine):
    where = f"/api/interviews/by-passcode/{take_home.passcode}"
    assert api(client, take_home).status_code == 202
    assert client.get(where).json()["practice"]["phase"] == "preparing"
    row = run_until_idle(row_of(take_home))
    assert client.get(where).json()["practice"] == {
        "phase": "ready",
        "minutes": 10,
        "left": 2,
        "mayStart": False,
        "endsAt": row.auto_destroy_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "accessUrl": row.access_url,
        "password": row.password,
    }
    assert api(client, take_home, "/end").status_code == 202
    assert client.get(where).json()["practice"]["password"] is None
    assert api(client, take_home).status_code == 409


def test_api_needs_the_passcode_of_that_interview(client, take_home, invite, engine):
    other = invite()
    path = f"/api/interviews/{other.id}/practice"
    for body in ({"passcode": take_home.passcode}, {"passcode": ""}, {}):
        assert client.post(path, body, "application/json").status_code == 404
        assert client.post(f"{path}/end", body, "application/json").status_code == 404
    assert practice.practices_of(other.id) == []


def test_its_id_opens_nothing_of_the_candidates_api(client, practising):
    row = row_of(practising)
    body = {"passcode": practising.passcode}
    path = f"/api/interviews/{row.id}/activate"
    assert client.post(path, body, "application/json").status_code == 404


def test_an_old_page_of_an_expired_invitation_is_refused(client, take_home):
    with time_machine.travel(take_home.valid_until + timedelta(seconds=5)):
        assert press(client, "practice", take_home).status_code == 409
