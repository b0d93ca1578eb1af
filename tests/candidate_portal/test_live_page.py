"""GET /interview/<passcode>/: the candidate's page of a live interview in every status."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from candidate_portal.access import authorize_candidate_stream
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, Status
from operations import actions
from operations.sse.consumer import Audience
from operations.worker import runner
from tests.candidate_portal.conftest import PASSWORD, URL
from tests.candidate_portal.page.reading import buttons, headings, text
from tests.candidate_portal.test_access import scope_of
from tests.conftest import fresh

HEADINGS = {
    Status.SCHEDULED: "Your interview is scheduled",
    Status.ACTIVATED: "Getting your workspace ready",
    Status.INITIALIZING: "Getting your workspace ready",
    Status.CONFIGURING: "Getting your workspace ready",
    Status.ACTIVE: "Word count Ready In progress",
    Status.DESTROYING: "Closing your interview",
    Status.COMPLETED: "Your interview is over",
    Status.REVOKED: "This interview was cancelled",
    Status.CANCELLED: "This interview was cancelled",
    Status.ERROR: "Your workspace couldn't be started",
}


@pytest.fixture
def live(interview_in):
    """Return a function that makes a live interview of a status."""

    def call(status, **changes):
        changes = {"scheduled_at": now() + timedelta(hours=2), "valid_until": None} | changes
        changes = {name: value for name, value in changes.items() if value is not None}
        return interview_in(status, type="regular", **changes)

    return call


def path(interview):
    return f"/interview/{interview.passcode}/"


def page_of(client, interview):
    return client.get(path(interview)).text


def in_every_status(live, look):
    return {status: look(live(status)) for status in HEADINGS}


def test_page_has_one_heading_in_every_status(client, live):
    found = in_every_status(live, lambda interview: headings(page_of(client, interview)))
    assert found == {status: [heading] for status, heading in HEADINGS.items()}


def test_page_offers_nothing_but_practice_and_copying(client, live):
    found = in_every_status(live, lambda interview: buttons(page_of(client, interview))[:-1])
    expected = {
        Status.SCHEDULED: ["Start practice workspace"],
        Status.ACTIVE: ["Copy", "Copy"],
    }
    assert found == {status: expected.get(status, []) for status in HEADINGS}


def test_page_shows_url_and_password_only_while_active(client, live):
    found = in_every_status(
        live, lambda interview: [s in page_of(client, interview) for s in (PASSWORD, URL)]
    )
    assert found == {status: [status is Status.ACTIVE] * 2 for status in HEADINGS}


def test_page_speaks_of_an_interview_and_never_of_a_test(client, live):
    for status in HEADINGS:
        for changes in ({}, {"ready_at": now(), "end_reason": "ended_by_staff"}):
            body = page_of(client, live(status, **changes)).partition("<main")[2]
            body = text(body.replace(URL, ""))
            assert re.findall(r"\btests?\b", body, re.IGNORECASE) == [], status


def test_page_is_never_cached(client, live):
    found = in_every_status(live, lambda each: client.get(path(each))["Cache-Control"])
    assert found == dict.fromkeys(HEADINGS, "no-store, private")


def test_page_subscribes_unless_nothing_can_change(client, live):
    found = in_every_status(live, lambda each: "data-final" in page_of(client, each))
    # Staff can reopen a completed interview.
    silent = FINAL - {Status.COMPLETED}
    assert found == {status: status in silent for status in HEADINGS}


def test_page_counts_down_to_the_start(client, live):
    interview = live(Status.SCHEDULED)
    body = page_of(client, interview)
    assert f'data-begins="{int(interview.scheduled_at.timestamp() * 1000)}"' in body
    assert f'datetime="{interview.scheduled_at.isoformat()}"' in body
    assert "data-deadline" not in body


def test_page_shows_the_workspace_before_the_start(client, live):
    body = page_of(client, live(Status.ACTIVE))
    assert "You can look around now." in text(body)
    assert re.findall(r"data-before( hidden)?", body) == ["", ""]
    assert re.findall(r"data-begun( hidden)?", body) == [" hidden"] * 2


def test_page_counts_down_to_the_end_after_the_start(client, live):
    body = page_of(client, live(Status.ACTIVE, scheduled_at=now() - timedelta(minutes=1)))
    assert re.findall(r"data-before( hidden)?", body) == [" hidden"] * 2
    assert re.findall(r"data-begun( hidden)?", body) == ["", ""]


def test_page_of_an_immediate_interview_has_no_start_countdown(client, schedule, engine):
    interview = schedule(scheduled_at=None)
    runner.run_operation(fresh(interview).operation_id)
    body = page_of(client, interview)
    assert ("data-deadline" in body, "data-begins" in body) == (True, False)


def test_page_of_an_error_says_that_staff_handles_it(client, live):
    body = text(page_of(client, live(Status.ERROR, problem="Subnet sn-17 is full.")))
    assert ("We're on it" in body, "Subnet" in body) == (True, False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"history_s3_key": "k", "archive_bytes": 2048}, "Your files Saved (2.0 KB"),
        ({"save_files": False}, "Your files Not saved, as agreed for this interview."),
        ({}, "Not saved. Please ask the person who invited you."),
    ],
)
def test_page_at_the_end_says_whether_files_were_saved(client, live, changes, sentence):
    interview = live(Status.COMPLETED, ready_at=now(), **changes)
    body = text(page_of(client, interview).replace("\xa0", " "))
    assert sentence in body
    assert headings(page_of(client, interview)) == ["Thank you, Ada"]


@pytest.mark.parametrize(
    ("saves", "steps"),
    [
        (True, ["Saving your files", "Closing the workspace", "Done"]),
        (False, ["Closing the workspace", "Done"]),
    ],
)
def test_page_while_ending_shows_its_steps(client, live, saves, steps):
    body = page_of(client, live(Status.DESTROYING, ready_at=now(), save_files=saves))
    assert re.findall(r'<li class="step[^>]*>([^<]*)<', body) == steps


def test_page_of_a_cancelled_interview(client, schedule):
    interview = schedule()
    actions.revoke(interview, by="recruiter")
    assert "cancelled this interview" in text(page_of(client, interview))


def test_each_url_serves_only_its_own_type(client, take_home, schedule):
    live = schedule()
    for prefix, right, wrong in (("take-home", take_home, live), ("interview", live, take_home)):
        assert client.get(f"/{prefix}/{right.passcode}/").status_code == 200
        unknown = client.get(f"/{prefix}/YYYYYYYY/")
        other = client.get(f"/{prefix}/{wrong.passcode}/")
        assert (other.status_code, other.text) == (404, unknown.text)


def test_actions_of_take_homes_are_not_found(client, schedule, engine):
    interview = schedule()
    for verb in ("start", "submit", "retry"):
        assert client.post(f"/take-home/{interview.passcode}/{verb}").status_code == 404
        assert client.post(f"/interview/{interview.passcode}/{verb}").status_code == 404
    assert fresh(interview).state is Status.SCHEDULED


def test_guesses_at_both_urls_count_together(client, tables):
    found = []
    for _ in range(6):
        for prefix in ("take-home", "interview"):
            answer = client.get(f"/{prefix}/ZZZZZZZZ/", REMOTE_ADDR="203.0.113.7")
            found.append(answer.status_code)
    assert found == [404] * 10 + [429] * 2


def test_passcode_of_the_other_type_counts_as_a_guess(take_home):
    client = Client()
    for _ in range(10):
        client.get(f"/interview/{take_home.passcode}/", REMOTE_ADDR="203.0.113.7")
    answer = client.get(f"/take-home/{take_home.passcode}/", REMOTE_ADDR="203.0.113.7")
    assert answer.status_code == 429


async def test_stream_receives_only_its_interview(schedule):
    interview = schedule()
    assert await authorize_candidate_stream(scope_of(interview.passcode)) == Audience(interview.id)


def test_other_methods_are_not_allowed(client, schedule):
    interview = schedule()
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(path(interview)).status_code == 405


def test_page_has_no_inline_script_or_style(client, live):
    for status in (Status.SCHEDULED, Status.ACTIVE):
        body = page_of(client, live(status))
        found = re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", body)
        assert found == []


def test_events_have_no_passcode_and_no_password(schedule, stream, engine):
    interview = schedule(scheduled_at=None)
    runner.run_operation(fresh(interview).operation_id)
    assert fresh(interview).state is Status.ACTIVE
    for secret in (interview.passcode, interview.password, "Rita"):
        assert secret not in stream.text
