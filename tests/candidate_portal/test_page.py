"""GET /take-home/<passcode>/: every status, and everybody who must not get in."""

import html
import re
from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from tests.candidate_portal.conftest import PASSWORD, URL

HEADINGS = {
    Status.AVAILABLE: "Word count",
    Status.ACTIVATED: "Getting your workspace ready",
    Status.INITIALIZING: "Getting your workspace ready",
    Status.CONFIGURING: "Getting your workspace ready",
    Status.ACTIVE: "Your workspace is ready",
    Status.DESTROYING: "Closing your test",
    Status.COMPLETED: "Your test is over",
    Status.EXPIRED: "This invitation has lapsed",
    Status.REVOKED: "This test was withdrawn",
    Status.CANCELLED: "This test was withdrawn",
    Status.SCHEDULED: "This test was withdrawn",
    Status.ERROR: "Your workspace could not be started",
}
BUTTONS = {
    Status.AVAILABLE: ["Start test", "Not yet", "Start test"],
    Status.ACTIVE: ["Copy the address", "Copy the password", "Submit", "Keep working", "Submit"],
    Status.ERROR: ["Try again"],
}
NAMES = [
    "陳小明", "عائشة", "O'Brien \"Bob\"", "$(reboot)", "<script>alert(1)</script>", "{{ 7*7 }}"
]  # fmt: skip


def path(interview):
    return f"/take-home/{interview.passcode}/"


def fragment_of(client, interview):
    return client.get(path(interview), headers={"HX-Request": "true"}).text


def text(body):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)).strip()


def headings(body):
    return [text(found) for found in re.findall(r"<h1[^>]*>(.*?)</h1>", body, re.S)]


def buttons(body):
    return [text(found) for found in re.findall(r"<button[^>]*>(.*?)</button>", body, re.S)]


def in_every_status(client, standing, look):
    return {status: look(client.get(path(standing(status)))) for status in Status}


def test_page_has_one_heading_in_every_status(client, standing):
    found = in_every_status(client, standing, lambda answer: headings(answer.text))
    assert found == {status: [heading] for status, heading in HEADINGS.items()}


def test_page_offers_only_what_can_be_done_now(client, standing):
    found = in_every_status(client, standing, lambda answer: buttons(answer.text)[:-1])
    assert found == {status: BUTTONS.get(status, []) for status in Status}


def test_page_shows_url_and_password_only_while_active(client, standing):
    found = in_every_status(
        client, standing, lambda answer: (PASSWORD in answer.text, URL in answer.text)
    )
    assert found == {status: (status is Status.ACTIVE,) * 2 for status in Status}


def test_page_is_never_stored(client, standing):
    found = in_every_status(client, standing, lambda answer: answer["Cache-Control"])
    assert found == dict.fromkeys(Status, "no-store, private")


def test_page_shows_nothing_of_a_stranger_with_another_passcode(client, standing, invite):
    standing(Status.ACTIVE, {"candidate_name": "Grace Hopper"})
    body = client.get(path(invite(candidate_name="Ada"))).text
    assert [secret in body for secret in (PASSWORD, URL, "Grace Hopper")] == [False] * 3


def test_page_tells_what_before_the_start(client, invite):
    body = text(
        client.get(path(invite(duration_minutes=90, custom_instructions="Use a debugger."))).text
    )
    wanted = ["Ada", "Word count", "Count the words of a text.", "1 hour 30 minutes",
              "Use a debugger.", "The clock starts when the workspace is ready"]  # fmt: skip
    assert [words for words in wanted if words not in body] == []


def test_page_gives_the_last_moment_to_start_with_its_zone(client, take_home):
    assert f'datetime="{take_home.valid_until.isoformat()}"' in client.get(path(take_home)).text


def test_page_shows_names_and_instructions_as_text(client, invite):
    for name in NAMES:
        interview = invite(candidate_name=name, custom_instructions=f"For {name}\nonly")
        body = client.get(path(interview)).text
        escaped = html.escape(name)
        assert f"<bdi>{escaped}</bdi>" in body
        assert f">For {escaped}\nonly</p>" in body
        assert "<script>" not in body


def test_page_has_no_inline_script_or_style(client, standing):
    body = client.get(path(standing(Status.ACTIVE))).text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", body) == []


def test_page_policy_allows_nothing_inline(client, take_home):
    policy = client.get(path(take_home))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("status", "current"),
    [
        (Status.ACTIVATED, "Queued"),
        (Status.INITIALIZING, "Preparing your workspace"),
        (Status.CONFIGURING, "Starting the editor"),
    ],
)
def test_page_marks_the_current_step(client, standing, status, current):
    body = fragment_of(client, standing(status))
    assert re.findall(r'aria-current="step">([^<]*)<', body) == [current]


def test_page_counts_on_the_servers_clock(client, standing):
    deadline = now() + timedelta(minutes=30)
    body = fragment_of(client, standing(Status.ACTIVE, auto_destroy_at=deadline))
    assert f'data-deadline="{int(deadline.timestamp() * 1000)}"' in body
    said = int(re.findall(r'data-now="(\d+)"', body)[0])
    assert abs(said - now().timestamp() * 1000) < 60_000


def test_page_hides_staffs_sentence_and_names_the_step_of_an_error(client, standing):
    body = text(
        fragment_of(
            client, standing(Status.ERROR, failed_step="configure", problem="Subnet sn-17 is full.")
        )
    )
    assert "Subnet" not in body
    assert "Starting the editor" in body
    assert "No time is lost" in body


def test_page_says_when_the_workspace_is_being_started_again(client, standing):
    interview = standing(Status.ACTIVE)
    assert "started again" not in text(client.get(path(interview)).text)
    interview.change(restarting=True)
    assert "is being started again" in text(client.get(path(interview)).text)


def test_page_names_whom_to_ask_when_tried_too_often(client, standing):
    body = fragment_of(client, standing(Status.ERROR, attempts=4))
    assert buttons(body) == []
    assert "Please ask the people who invited you" in text(body)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Saving your files"),
        ({"problem": "The disk is full."}, "Your files are safe in the workspace"),
        (
            {"problem": "It hangs.", "history_s3_key": "k", "archive_bytes": 9},
            "Your files are saved; only closing the workspace is left",
        ),
    ],
)
def test_page_while_ending_says_where_the_files_are(client, standing, changes, sentence):
    body = text(fragment_of(client, standing(Status.DESTROYING, ready_at=now(), **changes)))
    assert sentence in body
    assert "The disk is full." not in body


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ready_at": now(), "history_s3_key": "k", "archive_bytes": 2048}, "Saved: 2.0 KB"),
        ({"ready_at": now(), "history_s3_key": "k"}, "Your filesSaved"),
        ({"ready_at": now()}, "Not saved."),
        ({}, "There were none"),
    ],
)
def test_page_at_the_end_says_what_was_saved(client, standing, changes, sentence):
    body = text(fragment_of(client, standing(Status.COMPLETED, **changes)).replace("\xa0", " "))
    assert sentence in body


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("submitted", "You submitted your test."),
        ("time_up", "The time was up."),
        ("ended_by_staff", "The people who invited you ended the test."),
        ("never_ready", "The workspace could not be started in time."),
    ],
)
def test_page_at_the_end_says_why(client, standing, reason, sentence):
    assert sentence in text(fragment_of(client, standing(Status.COMPLETED, end_reason=reason)))


def test_fragment_is_what_the_page_holds(client, take_home):
    def same(body):
        body = re.sub(r'data-now="\d+"|value="\w{64}"', "", body)
        return body[body.index("<article") : body.index("</article>")]

    assert same(fragment_of(client, take_home)) == same(client.get(path(take_home)).text)
    assert fragment_of(client, take_home).lstrip().startswith("<article")


def test_fragment_has_a_new_version_only_when_something_changed(client, take_home):
    def version():
        return re.findall(r'data-version="(\w+)"', fragment_of(client, take_home))

    first = version()
    assert version() == first
    take_home.change(duration_minutes=61)
    assert version() != first


def test_unknown_and_malformed_passcodes_get_the_same_answer(client, take_home):
    unknown = client.get("/take-home/YYYYYYYY/")
    assert headings(unknown.text) == ["We cannot find this test"]
    for passcode in ("A", "0O1I0O1I", "<b>", "%00", "ZZZZZZZZ" * 400, "é" * 8):
        answer = client.get(f"/take-home/{passcode}/")
        assert (answer.status_code, answer.text) == (404, unknown.text)
        assert answer["Cache-Control"] == "no-store, private"


def test_unknown_and_malformed_passcodes_cost_the_same_work(client, take_home, monkeypatch):
    asked = []
    query = Interview.passcode_index.query
    monkeypatch.setattr(
        type(Interview.passcode_index),
        "query",
        lambda self, key, **options: asked.append(len(key)) or query(key, **options),
    )
    for passcode in ("ZZZZZZZZ", "A", "0O1I0O1I", "Z" * 5000):
        client.get(f"/take-home/{passcode}/")
    assert asked == [8, 8, 8, 8]


def test_passcode_is_good_in_either_case(client, take_home):
    assert client.get(f"/take-home/{take_home.passcode.lower()}/").status_code == 200


def test_passcode_of_a_live_interview_opens_nothing(client, standing):
    assert client.get(path(standing(Status.ACTIVE, type="regular"))).status_code == 404


def test_page_can_only_be_read(client, take_home):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(path(take_home)).status_code == 405
