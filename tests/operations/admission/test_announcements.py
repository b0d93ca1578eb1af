"""Pages in line are told of a new estimate as time passes, and only of one that they would show."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from operations.admission import announcements
from operations.admission.models import Admission
from operations.admission.sweep import sweep
from tests.conftest import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_line(started):
    """One test that runs for an hour, and two that wait."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        tests = started(1, 3)
        sweep()
    return tests


def told(stream) -> list[tuple[str, int]]:
    events = [each for each in stream.events_named("interview") if each.get("queue")]
    stream.entries.clear()
    return [(each["interviewId"], each["queue"]["place"]) for each in events]


def test_a_sweep_after_which_pages_show_the_same_tells_nobody(in_line, stream):
    stream.entries.clear()
    sweep()
    assert stream.entries == []


def test_as_time_passes_each_is_told_once(in_line, stream):
    _, second, third = in_line
    ends_at = fresh(in_line[0]).auto_destroy_at
    stream.entries.clear()
    # "About 65 minutes" become 60, and "about 3 hours" 2.
    with time_machine.travel(ends_at - timedelta(minutes=58), tick=False):
        sweep()
        assert told(stream) == [(second.id, 1), (third.id, 2)]
        sweep()
        assert told(stream) == []
    # "About 60 minutes" are 55, and "about 2 hours" stay.
    with time_machine.travel(ends_at - timedelta(minutes=54, seconds=20), tick=False):
        sweep()
        assert told(stream) == [(second.id, 1)]
    with time_machine.travel(ends_at - timedelta(minutes=10), tick=False):
        sweep()
        assert told(stream) == [(second.id, 1), (third.id, 2)]
        waits = Admission.objects.filter(admitted_at=None).order_by("pk")
        assert list(waits.values_list("told_minutes", flat=True)) == [11, 75]
    # When the workspace should be gone and is not, nobody knows.
    with time_machine.travel(ends_at + timedelta(minutes=2), tick=False):
        announcements.renew_estimates("fake")
        assert told(stream) == [(second.id, 1), (third.id, 2)]


def test_of_two_workers_one_tells(in_line, stream, monkeypatch):
    ends_at = fresh(in_line[0]).auto_destroy_at
    with time_machine.travel(ends_at - timedelta(minutes=10), tick=False):
        as_read = announcements.read_line("fake")
        announcements.renew_estimates("fake")
        stream.entries.clear()
        monkeypatch.setattr(announcements, "read_line", lambda engine: as_read)
        announcements.renew_estimates("fake")
    assert told(stream) == []


def test_who_was_told_of_a_place_is_not_told_again(in_line, stream):
    Admission.objects.filter(admitted_at=None).update(told_minutes=7)
    announcements.announce("fake")
    stream.entries.clear()
    sweep()
    assert stream.entries == []
