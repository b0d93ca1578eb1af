"""What the candidate's page says in a status of its own."""

import re
from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations.archives.not_saved import row_changes
from operations.provisioners import regenerable
from operations.provisioners.base import NotSaved, NotSavedReason
from tests.candidate_portal.page.reading import buttons, fragment_of, path, text


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
