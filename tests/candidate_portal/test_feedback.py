"""POST /take-home/<passcode>/feedback and /interview/<passcode>/feedback"""

import re

import pytest
from django.test import Client
from django.utils import timezone

from interviews.lifecycle import Status
from operations import actions
from operations.exceptions import WrongStateError
from tests.candidate_portal.actions import HTMX
from tests.candidate_portal.conftest import PASSWORD, URL
from tests.conftest import fresh

TEXT = "The tests took long.\nThe task was clear."


@pytest.fixture(params=["take-home", "interview"])
def over(request, take_home, schedule):
    """A take-home test or a live interview that is over: its page's URL, and the row."""
    interview = take_home if request.param == "take-home" else schedule()
    return f"/{request.param}/{interview.passcode}/", in_status(interview, Status.COMPLETED)


def in_status(interview, status, **changes):
    row = fresh(interview)
    row.update(
        actions=[
            type(row).status.set(status.value),
            *(getattr(type(row), name).set(value) for name, value in changes.items()),
            type(row).activated_at.set(timezone.now()),
        ]
    )
    return fresh(interview)


def send(client, path, rating="4", text=TEXT):
    return client.post(f"{path}feedback", {"rating": rating, "text": text}, headers=HTMX)


def stored(interview):
    row = fresh(interview)
    return row.feedback_rating, row.feedback_text


def test_answers_are_stored_and_can_be_changed(client, over):
    path, interview = over
    answer = send(client, path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert stored(interview) == (4, TEXT)
    assert fresh(interview).feedback_at is not None
    assert fresh(interview).state is Status.COMPLETED
    assert send(client, path, "", " Better today. ").status_code == 204
    assert stored(interview) == (None, "Better today.")
    assert send(client, path, "1", "").status_code == 204
    assert stored(interview) == (1, None)


def test_page_has_what_was_sent(client, over):
    path, _ = over
    send(client, path, "2", "<b>Too slow</b>")
    page = client.get(path).text
    assert re.findall(r'value="(\d)" checked', page) == ["2"]
    assert "&lt;b&gt;Too slow&lt;/b&gt;</textarea>" in page


@pytest.mark.parametrize("status", Status)
def test_page_asks_once_a_started_test_is_over(client, take_home, status):
    interview = in_status(take_home, status)
    path = f"/take-home/{interview.passcode}/"
    page = client.get(path).text
    is_asked = status in (Status.COMPLETED, Status.EXPIRED)
    assert ("data-feedback-box>" in page) is is_asked
    assert (" data-asks-feedback" in page) is is_asked
    assert send(client, path).status_code == (204 if is_asked else 409)
    assert stored(interview) == ((4, TEXT) if is_asked else (None, None))


def test_invitation_that_was_never_started_is_not_asked_about(client, take_home):
    take_home.move_to(Status.EXPIRED, by="schedule")
    path = f"/take-home/{take_home.passcode}/"
    assert "data-feedback-box hidden>" in client.get(path).text
    assert send(client, path).status_code == 409


def test_setting_turns_it_off(client, over, settings):
    settings.CANDIDATE_FEEDBACK = False
    path, interview = over
    assert "data-feedback-box hidden>" in client.get(path).text
    assert send(client, path).status_code == 409
    assert stored(interview) == (None, None)


def test_credentials_are_cut_from_the_text(client, take_home):
    interview = in_status(take_home, Status.COMPLETED, access_url=URL, password=PASSWORD)
    send(client, f"/take-home/{interview.passcode}/", text=f"{PASSWORD} at {URL} was odd")
    assert stored(interview)[1] == "••• at ••• was odd"


@pytest.mark.parametrize(
    ("rating", "text", "sentence"),
    [
        ("", " \n ", "Choose a number or write something."),
        ("6", "", "Choose a number from 1 to 5."),
        ("4.5", "", "Choose a number from 1 to 5."),
        ("4", "x" * 2001, "Use 2000 characters or fewer."),
    ],
)
def test_wrong_answers_are_refused(client, over, rating, text, sentence):
    path, interview = over
    answer = send(client, path, rating, text)
    assert (answer.status_code, answer.text) == (422, sentence)
    assert stored(interview) == (None, None)


def test_longest_text_is_stored(client, over):
    path, interview = over
    assert send(client, path, text="é\r\n" + "x" * 1998).status_code == 204
    assert len(stored(interview)[1]) == 2000


def test_feedback_is_limited(client, over):
    path, interview = over
    assert [send(client, path, text=str(n)).status_code for n in range(11)] == [204] * 10 + [409]
    assert stored(interview) == (4, "9")


def test_feedback_loses_no_race(take_home):
    """Staff changed the row since the page read it, or opened it again."""
    as_read = in_status(take_home, Status.COMPLETED)
    fresh(take_home).change_time(extra_seconds=60)
    actions.give_feedback(as_read, "4", TEXT)
    assert stored(take_home) == (4, TEXT)
    as_read = fresh(take_home)
    in_status(take_home, Status.ACTIVE)
    with pytest.raises(WrongStateError):
        actions.give_feedback(as_read, "1", "")
    assert stored(take_home) == (4, TEXT)


def test_feedback_tells_the_pages_of_staff(client, over, stream):
    path, interview = over
    before = len(stream.events_named("interview"))
    send(client, path)
    said = stream.events_named("interview")[before:]
    assert [each["interviewId"] for each in said] == [interview.id]
    assert "tests took long" not in stream.text


def test_feedback_without_scripts_comes_back_to_the_page(client, over):
    path, interview = over
    answer = client.post(f"{path}feedback", {"rating": "5", "text": ""})
    assert (answer.status_code, answer["Location"]) == (302, f"{path}?thanks#feedback")
    assert "Thank you. You can still change" in client.get(answer["Location"]).text
    assert stored(interview) == (5, None)


def test_refused_feedback_without_scripts_keeps_the_answers(client, over):
    path, _ = over
    answer = client.post(f"{path}feedback", {"rating": "3", "text": "<b>" + "x" * 2000})
    assert answer.status_code == 422
    assert "Use 2000 characters or fewer." in answer.text
    assert "&lt;b&gt;xxx" in answer.text
    assert re.findall(r'value="(\d)" checked', answer.text) == ["3"]


def test_feedback_with_a_wrong_passcode_is_not_found(client, over):
    path, interview = over
    kind = path.split("/")[1]
    other = {"take-home": "interview", "interview": "take-home"}[kind]
    for wrong in (f"/{kind}/YYYYYYYY/", f"/{other}/{interview.passcode}/"):
        assert send(client, wrong).status_code == 404
    assert stored(interview) == (None, None)


def test_feedback_without_csrf_token_is_refused(over):
    path, interview = over
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{path}feedback", {"rating": "4"}).status_code == 403
    assert stored(interview) == (None, None)
