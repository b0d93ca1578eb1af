"""Move or keep an interview whose time zone changed its rules."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from interviews.local_time import planned as planned_times
from interviews.models import StaleWriteError
from interviews.timeline import TimelineEvent
from operations import actions
from operations.exceptions import InvalidInputError, WrongStateError
from tests.conftest import fresh
from tests.zones import BEFORE, SAID, TODAY, planned_by_earlier_rules

DECIDE = {"planned": BEFORE, "reading": TODAY, "by": "recruiter"}
BOTH = pytest.mark.parametrize("act", [actions.move_to_reading, actions.keep_planned_time])

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel("2026-12-01T12:00Z", tick=False):
        yield


@pytest.fixture
def interview(schedule):
    return planned_by_earlier_rules(schedule)


def test_moved_interview_is_at_the_time_that_was_said(interview):
    before = interview.due_at
    actions.move_to_reading(interview, **DECIDE)
    row = fresh(interview)
    assert (row.scheduled_at, row.scheduled_local) == (TODAY, SAID)
    assert row.due_at == before - timedelta(hours=1)
    assert (row.timeline[-1].what, row.timeline[-1].by) == (TimelineEvent.RESCHEDULED, "recruiter")
    assert planned_times.changed_reading(row) is None


def test_kept_interview_has_the_local_time_of_its_instant(interview):
    actions.keep_planned_time(interview, **DECIDE)
    row = fresh(interview)
    assert (row.scheduled_at, row.scheduled_local) == (BEFORE, "2026-12-15T11:00")
    assert (row.timeline[-1].what, row.timeline[-1].by) == (TimelineEvent.TIME_KEPT, "recruiter")
    assert planned_times.changed_reading(row) is None


@BOTH
def test_repeated_decision_changes_nothing(interview, act):
    act(interview, **DECIDE)
    act(fresh(interview), **DECIDE)
    assert len(fresh(interview).timeline) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (actions.move_to_reading, actions.keep_planned_time),
        (actions.keep_planned_time, actions.move_to_reading),
    ],
)
def test_second_decision_does_not_undo_the_first(interview, first, second):
    first(interview, **DECIDE)
    with pytest.raises(StaleWriteError):
        second(fresh(interview), **DECIDE)
    assert len(fresh(interview).timeline) == 2


@BOTH
def test_decision_about_another_reading_is_refused(interview, act):
    """Another process had older zone data, or the interview was moved meanwhile."""
    for other in ({"planned": BEFORE + timedelta(days=1)}, {"reading": BEFORE}):
        if other.get("reading") == BEFORE and act is actions.move_to_reading:
            continue
        with pytest.raises(StaleWriteError):
            act(interview, **DECIDE | other)
    assert len(fresh(interview).timeline) == 1


@BOTH
def test_interview_that_is_over_cannot_be_decided(interview, act):
    actions.revoke(interview, by="recruiter")
    with pytest.raises(WrongStateError, match="Cancelled"):
        act(fresh(interview), **DECIDE)


def test_interview_does_not_move_into_the_past(interview):
    with (
        time_machine.travel(TODAY, tick=False),
        pytest.raises(InvalidInputError, match="in the future"),
    ):
        actions.move_to_reading(interview, **DECIDE)
    assert fresh(interview).scheduled_at == BEFORE


def test_time_that_the_clocks_skip_now_moves_to_the_next(schedule):
    at = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    said = {"scheduled_local": "2027-03-28T02:30", "time_zone": "Europe/Berlin"}
    interview = planned_by_earlier_rules(schedule, scheduled_at=at, **said)
    reading = planned_times.changed_reading(interview)
    assert reading == at + timedelta(hours=1)
    actions.move_to_reading(interview, planned=at, reading=reading, by="recruiter")
    assert fresh(interview).scheduled_local == "2027-03-28T03:30"
