"""The estimated wait on the candidate's page, which alone never triggers a new rendering."""

import re
from datetime import timedelta

import pytest

from candidate_portal.page_state import page_state_of
from interviews.lifecycle import PROVISIONING, Status
from operations.start_times import statistics
from operations.start_times.models import StartTime


@pytest.fixture
def set_usual_start_time(monkeypatch):
    """Return a function that sets the usual start time in seconds."""

    def set_seconds(seconds: float | None) -> None:
        figure = None if seconds is None else timedelta(seconds=seconds)
        monkeypatch.setattr(statistics, "usual_duration", lambda provisioner: figure)

    return set_seconds


def sentences(client, interview):
    body = client.get(f"/take-home/{interview.passcode}/").text
    return re.findall(r"Usually ready[^<]*", body)


def test_page_shows_the_estimate_only_while_provisioning(
    client, interview_in, set_usual_start_time
):
    set_usual_start_time(17.3)
    shown = {s: sentences(client, interview_in(s, provisioner="fake")) for s in Status}
    sentence = ["Usually ready in about 20 seconds"]
    assert shown == {s: sentence if s in PROVISIONING else [] for s in Status}


def test_page_without_statistics_shows_a_general_estimate(
    client, interview_in, set_usual_start_time
):
    set_usual_start_time(None)
    interview = interview_in(Status.INITIALIZING, provisioner="fake")
    assert sentences(client, interview) == ["Usually ready within a minute"]


def test_page_works_without_the_statistics_table(client, interview_in, monkeypatch):
    monkeypatch.setattr(statistics, "_usual", {})
    StartTime.delete_table()
    interview = interview_in(Status.INITIALIZING, provisioner="fake")
    assert sentences(client, interview) == ["Usually ready within a minute"]


def test_page_version_ignores_the_estimate(interview_in, set_usual_start_time):
    interview = interview_in(Status.INITIALIZING, provisioner="fake")
    versions = set()
    for seconds in (None, 20, 40):
        set_usual_start_time(seconds)
        versions.add(page_state_of(interview).version)
    assert len(versions) == 1
