"""Times of planned interviews in words, with their offset from UTC."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from interviews.models import Interview
from operations.mail import formatting
from tests.zones import BEFORE, SAID, TODAY, ZONE


def interview(**fields):
    planned = {"scheduled_at": TODAY, "scheduled_local": SAID, "time_zone": ZONE}
    return Interview(**planned | fields)


@pytest.mark.parametrize(
    ("fields", "clock", "utc"),
    [
        ({}, "10:00 (America/Edmonton, UTC-06:00)", "16:00 UTC"),
        # Planned by the rules of before, and not decided yet.
        ({"scheduled_at": BEFORE}, "11:00 (America/Edmonton, UTC-06:00)", "17:00 UTC"),
        # Staff meant the rules that their browser has.
        (
            {"scheduled_at": BEFORE, "declined_reading": TODAY},
            "10:00 (America/Edmonton, UTC-07:00)",
            "17:00 UTC",
        ),
    ],
)
def test_planned_time_has_zone_and_offset(fields, clock, utc):
    it = interview(**fields)
    assert formatting.format_planned_clock(it) == clock
    assert (
        formatting.format_planned_time(it) == f"Tuesday, 15 December 2026, {clock}, which is {utc}"
    )


def test_planned_time_in_another_zone_has_the_rules_of_that_zone():
    it = interview(scheduled_at=BEFORE, declined_reading=TODAY)
    assert formatting.format_planned_time(it, "Europe/Berlin") == (
        "Tuesday, 15 December 2026, 18:00 (Europe/Berlin, UTC+01:00), which is 17:00 UTC"
    )


@pytest.mark.parametrize("zone", ["UTC", None])
def test_planned_time_in_utc(zone):
    it = interview(time_zone=zone)
    assert formatting.format_planned_clock(it) == "16:00 UTC"
    assert formatting.format_planned_time(it) == "Tuesday, 15 December 2026, 16:00 UTC"


@pytest.mark.parametrize(
    ("local", "hour", "words"),
    [
        (datetime(2026, 12, 15, 10), 16, "10:00 (UTC-06:00), which is 16:00 UTC"),  # noqa: DTZ001
        (
            datetime(2026, 12, 14, 20, 30),  # noqa: DTZ001
            2,
            "20:30 (UTC-05:30), which is 02:00 UTC on 15 December",
        ),
    ],
)
def test_reading_has_the_offset_between_both(local, hour, words):
    assert formatting.format_reading(local, datetime(2026, 12, 15, hour, tzinfo=UTC)) == words


def test_times_are_in_the_language_of_the_reader():
    at = datetime(2031, 11, 7, 17, tzinfo=UTC)
    with translation.override("de"):
        assert formatting.format_time(at, "Europe/Berlin") == (
            "Freitag, 7. November 2031, 18:00 Uhr (Europe/Berlin, UTC+01:00), das ist 17:00 Uhr UTC"
        )
        assert formatting.format_day(at, "Europe/Berlin") == "7. November"
