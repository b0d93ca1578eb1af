"""Where a start is in line, and how long it usually takes."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from operations.admission import positions
from operations.admission.models import Admission, LimitedEngine
from operations.admission.positions import CLOSING_TIME, Position
from operations.admission.sweep import sweep
from tests.conftest import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_line(started):
    """Two tests that run, and two that wait."""
    return started(2, 4)


def test_the_place_and_nothing_for_who_runs(in_line):
    found = [positions.position_of(fresh(each)) for each in in_line]
    assert [each and each.place for each in found] == [None, None, 1, 2]
    assert positions.places_of(map(fresh, in_line)) == {in_line[2].id: 1, in_line[3].id: 2}


def test_a_place_is_free_when_a_test_ends_at_the_latest(in_line):
    sweep()
    ends_at = timezone.now() + timedelta(minutes=10)
    first = Admission.objects.get(interview_id=in_line[0].id)
    Admission.objects.filter(pk=first.pk).update(ends_at=ends_at)
    near = positions.position_of(fresh(in_line[2])).wait
    assert timedelta(minutes=9) < near <= timedelta(minutes=10) + CLOSING_TIME
    # Then the other one ends; and before that the one in line would not have.
    far = positions.position_of(fresh(in_line[3])).wait
    assert timedelta(minutes=59) < far <= timedelta(minutes=60) + CLOSING_TIME


def test_after_a_lower_limit_the_first_ends_free_no_place(in_line, set_limit):
    sweep()
    set_limit(1)
    wait = positions.position_of(fresh(in_line[2])).wait
    assert timedelta(minutes=59) < wait
    # That one ends, and then the first in line takes an hour.
    wait = positions.position_of(fresh(in_line[3])).wait
    assert timedelta(minutes=119) < wait < timedelta(minutes=122)


def test_a_wait_of_half_a_day_is_not_told(in_line):
    Admission.objects.update(length_seconds=13 * 3600)
    Admission.objects.exclude(admitted_at=None).update(ends_at=None)
    assert positions.position_of(fresh(in_line[2])) == Position(1, None)


def test_it_is_as_fast_as_places_became_free_lately(in_line):
    freed = [int(time.time()) - 60 * minutes for minutes in (600, 12, 6, 3)]
    LimitedEngine.objects.update(freed=freed)
    wait = positions.position_of(fresh(in_line[3])).wait
    # Three in twelve minutes: one in four, and it is the second.
    assert timedelta(minutes=8) <= wait < timedelta(minutes=8, seconds=5)
    LimitedEngine.objects.update(freed=freed[:3])
    assert positions.position_of(fresh(in_line[3])).wait > timedelta(minutes=50)


def test_places_that_became_free_at_once_long_ago_are_no_rate(in_line):
    freed = [int(time.time()) - 60 * minutes for minutes in (100, 100, 99, 99)]
    LimitedEngine.objects.update(freed=freed)
    assert positions.position_of(fresh(in_line[2])).wait > timedelta(minutes=50)
    # A fifth, within the mean gap of 20 minutes.
    LimitedEngine.objects.update(freed=[*freed, int(time.time()) - 60 * 19])
    wait = positions.position_of(fresh(in_line[2])).wait
    assert timedelta(minutes=20) <= wait < timedelta(minutes=20, seconds=5)


def test_an_end_that_is_over_says_nothing(in_line):
    ends_at = timezone.now() - timedelta(minutes=5)
    first = Admission.objects.get(interview_id=in_line[0].id)
    Admission.objects.filter(pk=first.pk).update(ends_at=ends_at)
    assert positions.position_of(fresh(in_line[2])).wait > timedelta(minutes=50)
    Admission.objects.exclude(admitted_at=None).update(ends_at=ends_at)
    assert positions.position_of(fresh(in_line[2])) == Position(1, None)
    # One that is being closed is free soon.
    ends_at = timezone.now() - CLOSING_TIME / 2
    Admission.objects.filter(pk=first.pk).update(ends_at=ends_at)
    wait = positions.position_of(fresh(in_line[2])).wait
    assert timedelta(0) < wait <= CLOSING_TIME / 2


def test_without_the_sql_database_there_is_no_place(in_line, monkeypatch):
    def fail(*_):
        raise OperationalError

    monkeypatch.setattr(positions, "in_line", fail)
    assert positions.position_of(fresh(in_line[2])) is None


def test_the_lines_of_all_engines(in_line):
    (line,) = positions.lines()
    assert (line.engine, line.limit, line.running) == ("fake", 2, 2)
    assert [row.interview_id for row in line.waiting] == [in_line[2].id, in_line[3].id]
    Admission.objects.filter(interview_id=in_line[2].id).update(
        queued_at=timezone.now() - timedelta(minutes=5)
    )
    (line,) = positions.lines()
    assert timedelta(minutes=5) <= line.oldest_wait < timedelta(minutes=6)
