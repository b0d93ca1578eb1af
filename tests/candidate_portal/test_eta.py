"""What a candidate is told of the wait: a figure where there is one, and no page for it alone."""

import re
from datetime import timedelta

import pytest

from candidate_portal.page_state import page_state_of
from interviews.lifecycle import PROVISIONING, Status
from operations.start_times import statistics
from operations.start_times.models import StartTime


@pytest.fixture
def told(monkeypatch):
    """Call it with seconds: from then on this is what starts usually take."""

    def tell(seconds: float | None) -> None:
        figure = None if seconds is None else timedelta(seconds=seconds)
        monkeypatch.setattr(statistics, "usual_duration", lambda provisioner: figure)

    return tell


def sentences(client, interview):
    body = client.get(f"/take-home/{interview.passcode}/").text
    return re.findall(r"Usually ready[^<]*", body)


def test_page_says_how_long_it_usually_takes_while_it_takes(client, standing, told):
    told(17.3)
    said = {s: sentences(client, standing(s, provisioner="fake")) for s in Status}
    sentence = ["Usually ready in about 20 seconds"]
    assert said == {s: sentence if s in PROVISIONING else [] for s in Status}


def test_page_without_a_figure_says_what_it_always_said(client, standing, told):
    told(None)
    interview = standing(Status.INITIALIZING, provisioner="fake")
    assert sentences(client, interview) == ["Usually ready within a minute"]


def test_page_works_where_the_table_is_missing(client, standing, monkeypatch):
    monkeypatch.setattr(statistics, "_usual", {})
    StartTime.delete_table()
    interview = standing(Status.INITIALIZING, provisioner="fake")
    assert sentences(client, interview) == ["Usually ready within a minute"]


def test_page_is_not_drawn_again_for_another_figure(standing, told):
    interview = standing(Status.INITIALIZING, provisioner="fake")
    versions = set()
    for seconds in (None, 20, 40):
        told(seconds)
        versions.add(page_state_of(interview).version)
    assert len(versions) == 1
