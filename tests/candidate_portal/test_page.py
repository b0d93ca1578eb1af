"""GET /take-home/<passcode>/: the page in every status, and requests without access."""

import html
import re
from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.archives.not_saved import row_changes
from operations.provisioners import regenerable
from operations.provisioners.base import NotSaved, NotSavedReason
from tests.candidate_portal.conftest import PASSWORD, URL

HEADINGS = {
    Status.AVAILABLE: "Word count",
    Status.ACTIVATED: "Getting your workspace ready",
    Status.INITIALIZING: "Getting your workspace ready",
    Status.CONFIGURING: "Getting your workspace ready",
    Status.ACTIVE: "Word count In progress",
    Status.DESTROYING: "Closing your test",
    Status.COMPLETED: "Your test is over",
    Status.EXPIRED: "This invitation has expired",
    Status.REVOKED: "This test was withdrawn",
    Status.CANCELLED: "This test was withdrawn",
    Status.SCHEDULED: "This test was withdrawn",
    Status.ERROR: "Your workspace couldn't be started",
}
BUTTONS = {
    Status.AVAILABLE: ["Start test", "Start practice workspace", "Not yet", "Start test"],
    Status.ACTIVE: ["Copy", "Copy", "Submit test", "Keep working", "Submit test"],
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
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)).strip())


def headings(body):
    return [text(found) for found in re.findall(r"<h1[^>]*>(.*?)</h1>", body, re.S)]


def buttons(body):
    """The labels of the screen's buttons; below it, every page has two forms."""
    for form in ("feedback.*?</section>", "problem-report.*?</details>"):
        body = re.sub(f'<div class="screen {form}', "", body, flags=re.S)
    return [text(found) for found in re.findall(r"<button[^>]*>(.*?)</button>", body, re.S)]


def in_every_status(client, interview_in, look):
    return {status: look(client.get(path(interview_in(status)))) for status in Status}


def test_page_has_one_heading_in_every_status(client, interview_in):
    found = in_every_status(client, interview_in, lambda answer: headings(answer.text))
    assert found == {status: [heading] for status, heading in HEADINGS.items()}


def test_page_offers_only_allowed_actions(client, interview_in):
    found = in_every_status(client, interview_in, lambda answer: buttons(answer.text)[:-1])
    assert found == {status: BUTTONS.get(status, []) for status in Status}


def test_page_shows_url_and_password_only_while_active(client, interview_in):
    found = in_every_status(
        client, interview_in, lambda answer: (PASSWORD in answer.text, URL in answer.text)
    )
    assert found == {status: (status is Status.ACTIVE,) * 2 for status in Status}


def test_page_is_never_cached(client, interview_in):
    found = in_every_status(client, interview_in, lambda answer: answer["Cache-Control"])
    assert found == dict.fromkeys(Status, "no-store, private")


def test_page_shows_nothing_of_another_candidate(client, interview_in, invite):
    interview_in(Status.ACTIVE, {"candidate_name": "Grace Hopper"})
    body = client.get(path(invite(candidate_name="Ada"))).text
    assert [secret in body for secret in (PASSWORD, URL, "Grace Hopper")] == [False] * 3


def test_page_describes_the_test_before_the_start(client, invite):
    body = text(
        client.get(path(invite(duration_minutes=90, custom_instructions="Use a debugger."))).text
    )
    wanted = ["Ada", "Word count", "Count the words of a text.", "1 hour 30 minutes",
              "Use a debugger.", "The clock starts when the workspace is ready"]  # fmt: skip
    assert [words for words in wanted if words not in body] == []


def test_page_shows_the_last_start_time_with_its_zone(client, take_home):
    assert f'datetime="{take_home.valid_until.isoformat()}"' in client.get(path(take_home)).text


def test_page_escapes_names_and_instructions(client, invite):
    for name in NAMES:
        interview = invite(candidate_name=name, custom_instructions=f"For {name}\nonly")
        body = client.get(path(interview)).text
        escaped = html.escape(name)
        assert f"<bdi>{escaped}</bdi>" in body
        assert f">For {escaped}\nonly</p>" in body
        assert "<script>" not in body


def test_page_has_no_inline_script_or_style(client, interview_in):
    body = client.get(path(interview_in(Status.ACTIVE))).text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", body) == []


def test_page_csp_allows_nothing_inline(client, take_home):
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
def test_page_marks_the_current_step(client, interview_in, status, current):
    body = fragment_of(client, interview_in(status))
    assert re.findall(r'aria-current="step">([^<]*)<', body) == [current]


def test_page_countdown_uses_the_server_clock(client, interview_in):
    deadline = now() + timedelta(minutes=30)
    body = fragment_of(client, interview_in(Status.ACTIVE, auto_destroy_at=deadline))
    assert f'data-deadline="{int(deadline.timestamp() * 1000)}"' in body
    said = int(re.findall(r'data-now="(\d+)"', body)[0])
    assert abs(said - now().timestamp() * 1000) < 60_000


def test_page_of_an_error_names_the_step_and_hides_the_problem(client, interview_in):
    body = text(
        fragment_of(
            client,
            interview_in(Status.ERROR, failed_step="configure", problem="Subnet sn-17 is full."),
        )
    )
    assert "Subnet" not in body
    assert "Starting the editor" in body
    assert "You haven't lost any time" in body


def test_page_says_that_the_workspace_is_restarting(client, interview_in):
    interview = interview_in(Status.ACTIVE)
    assert "is restarting" not in text(client.get(path(interview)).text)
    interview.change(restarting=True)
    assert "and is restarting" in text(client.get(path(interview)).text)


def test_page_says_whom_to_ask_after_too_many_retries(client, interview_in):
    body = fragment_of(client, interview_in(Status.ERROR, attempts=4))
    assert buttons(body) == []
    assert "Please ask the person who invited you" in text(body)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Saving your files"),
        ({"problem": "The disk is full."}, "Your files are safe in the workspace"),
        (
            {"problem": "It hangs.", "history_s3_key": "k", "archive_bytes": 9},
            "Your files are saved. We're still trying to close the workspace.",
        ),
    ],
)
def test_page_while_ending_says_where_the_files_are(client, interview_in, changes, sentence):
    body = text(fragment_of(client, interview_in(Status.DESTROYING, ready_at=now(), **changes)))
    assert sentence in body
    assert "The disk is full." not in body


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ready_at": now(), "history_s3_key": "k", "archive_bytes": 2048}, "Saved (2.0 KB"),
        ({"ready_at": now(), "history_s3_key": "k"}, "Your files Saved"),
        ({"ready_at": now()}, "Not saved."),
        ({}, "None: the workspace was never opened."),
    ],
)
def test_page_at_the_end_says_what_was_saved(client, interview_in, changes, sentence):
    body = text(fragment_of(client, interview_in(Status.COMPLETED, **changes)).replace("\xa0", " "))
    assert sentence in body


def test_page_at_the_end_lists_what_was_not_saved(client, interview_in):
    entries = [NotSaved(f"{n}/.cache", NotSavedReason.REGENERABLE, 1234, 2048) for n in range(12)]
    changes = row_changes([*entries, NotSaved("<deep>", NotSavedReason.UNREADABLE)])
    saved = {"ready_at": now(), "history_s3_key": "k"}
    body = text(fragment_of(client, interview_in(Status.COMPLETED, **saved, **changes)))
    body = body.replace("\xa0", " ")
    assert "Couldn't be read, or only in part: <deep>" in " ".join(body.split())
    assert "0/.cache (1,234 files, 2.0 KB)" in " ".join(body.split())
    assert "And 3 more." in body
    whole = text(fragment_of(client, interview_in(Status.COMPLETED, **saved)))
    assert "Left out" not in whole


@pytest.mark.parametrize("status", [Status.AVAILABLE, Status.ACTIVE])
def test_page_says_beforehand_what_is_saved(client, interview_in, status):
    body = fragment_of(client, interview_in(status))
    names = regenerable.CACHES | regenerable.EVIDENCE.keys() | regenerable.EVIDENCE_NAMES
    names |= regenerable.ENVIRONMENTS
    assert [name for name in sorted(names) if f"<code>{name}</code>" not in body] == []


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("submitted", "You submitted your test."),
        ("time_up", "Time is up."),
        ("ended_by_staff", "Your interviewers ended the test."),
        ("never_ready", "The workspace couldn't be started in time."),
    ],
)
def test_page_at_the_end_shows_the_reason(client, interview_in, reason, sentence):
    assert sentence in text(fragment_of(client, interview_in(Status.COMPLETED, end_reason=reason)))


def test_fragment_equals_the_page_content(client, take_home):
    def same(body):
        body = re.sub(r'data-now="\d+"|value="\w{64}"', "", body)
        return body[body.index("<article") : body.index("</article>")]

    assert same(fragment_of(client, take_home)) == same(client.get(path(take_home)).text)
    assert fragment_of(client, take_home).lstrip().startswith("<article")


def test_fragment_version_changes_only_with_its_data(client, take_home):
    def version():
        return re.findall(r'data-version="(\w+)"', fragment_of(client, take_home))

    first = version()
    assert version() == first
    take_home.change(duration_minutes=61)
    assert version() != first


def test_unknown_and_malformed_passcodes_get_the_same_response(client, take_home):
    unknown = client.get("/take-home/YYYYYYYY/")
    assert headings(unknown.text) == ["We can't find this test"]
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


def test_passcode_is_case_insensitive(client, take_home):
    assert client.get(f"/take-home/{take_home.passcode.lower()}/").status_code == 200


def test_passcode_of_a_live_interview_is_unknown(client, interview_in):
    assert client.get(path(interview_in(Status.ACTIVE, type="regular"))).status_code == 404


def test_other_methods_are_not_allowed(client, take_home):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(path(take_home)).status_code == 405


def test_page_says_before_the_start_that_progress_is_kept_and_who_sees_it(
    client, interview_in, settings
):
    interview = interview_in(Status.AVAILABLE)
    sentence = "Every 5 minutes we keep what changed in your files. The hiring team can see it"
    assert sentence in text(client.get(path(interview)).text)
    assert "we keep what changed in your files every few minutes" in text(
        client.get(path(interview)).text
    )
    settings.PROGRESS_MINUTES = 0
    assert "we keep what changed" not in text(client.get(path(interview)).text)
    settings.PROGRESS_MINUTES = 5
    interview.change(save_files=False)
    assert "we keep what changed" not in text(client.get(path(interview)).text)


def test_page_says_while_it_runs_when_progress_was_kept_last(client, interview_in):
    interview = interview_in(Status.ACTIVE)
    assert "kept-at" not in client.get(path(interview)).text
    before = fragment_of(client, interview)
    interview.change(ready_at=now())
    interview.record_kept(now())
    after = fragment_of(client, interview)
    assert 'id="kept-at" class="muted small">Progress last kept at' in after
    assert before != after
    # Of an earlier sitting it says nothing.
    interview.record_kept(now() - timedelta(hours=1))
    assert "kept-at" not in client.get(path(interview)).text
