"""Whether what was said still is the planned instant, when the rules of zones change."""

from datetime import UTC, datetime, timedelta

import pytest

from interviews.local_time import planned
from interviews.models import Interview
from tests.zones import BEFORE, SAID, TODAY, ZONE


def interview(**changes):
    return Interview(
        **{
            "status": "scheduled",
            "scheduled_at": BEFORE,
            "scheduled_local": SAID,
            "time_zone": ZONE,
        }
        | changes
    )


def test_time_planned_by_earlier_rules_has_another_reading():
    assert planned.changed_reading(interview()) == TODAY


@pytest.mark.parametrize(
    "changes",
    [
        {"scheduled_at": TODAY},
        {"declined_reading": TODAY},
        # Decided, or too late to decide.
        {"status": "activated"},
        {"status": "cancelled"},
        # Rows of earlier versions, and of other portals.
        {"scheduled_local": None},
        {"time_zone": None},
        {"scheduled_at": None},
        {"scheduled_local": "ten o'clock"},
        {"time_zone": "Mars/Base"},
    ],
)
def test_there_is_nothing_to_decide(changes):
    assert planned.changed_reading(interview(**changes)) is None


def test_decision_counts_for_the_reading_that_staff_saw():
    assert planned.changed_reading(interview(declined_reading=BEFORE)) == TODAY


@pytest.mark.parametrize("hour", [0, 1])
def test_either_of_two_times_that_come_twice_is_what_was_said(hour):
    at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    said = {"scheduled_local": "2026-10-25T02:30", "time_zone": "Europe/Berlin"}
    assert planned.changed_reading(interview(scheduled_at=at, **said)) is None


def test_planned_zone_has_the_rules_of_today():
    zone = planned.planned_zone(interview())
    assert BEFORE.astimezone(zone).hour == 11
    assert planned.planned_zone(interview(time_zone=None)).utcoffset(BEFORE) == timedelta()


def test_planned_zone_is_the_offset_that_staff_meant_instead():
    zone = planned.planned_zone(interview(declined_reading=TODAY))
    assert BEFORE.astimezone(zone).isoformat() == "2026-12-15T10:00:00-07:00"
    # Newer rules agree with the planned time, or staff had declined those of before.
    for changes in ({"scheduled_at": TODAY}, {"declined_reading": BEFORE}):
        zone = planned.planned_zone(interview(**changes))
        assert TODAY.astimezone(zone).isoformat() == "2026-12-15T10:00:00-06:00"


def test_local_time_that_no_zone_has_at_the_instant_is_read_by_its_zone():
    """Earlier versions stored one if staff confirmed it."""
    far = interview(scheduled_local="2026-12-25T10:00")
    far.declined_reading = planned.changed_reading(far)
    assert BEFORE.astimezone(planned.planned_zone(far)).hour == 11
