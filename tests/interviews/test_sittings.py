"""The sittings of an interview: from the row, from its earlier sittings and from its timeline."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from interviews.attributes import LIVE, TAKE_HOME
from interviews.dynamodb import now
from interviews.indexes import EarlierSitting, TimelineEntry
from interviews.models import Interview
from interviews.sittings import (
    Sitting,
    completed_sittings,
    sitting_at,
    sittings_of,
    time_in_workspace,
)

NOW = now()


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def line(
    minute: int, status: str, what: str | None = None, seconds: int | None = None, by: str = "x"
) -> TimelineEntry:
    return TimelineEntry(status=status, at=at(minute), by=by, what=what, seconds=seconds)


def row(timeline: list[TimelineEntry], **fields: Any) -> Interview:
    values = {"type": TAKE_HOME, "status": "completed", "duration_minutes": 60}
    return Interview(**{**values, "timeline": timeline, **fields})


def first_sitting(*, end: int = 31, by: str = "candidate") -> list[TimelineEntry]:
    """Started in the first minute, ready in the second."""
    return [
        line(-9, "available"),
        line(0, "activated"),
        line(1, "active", by="worker"),
        line(end, "destroying", by=by),
        line(end + 1, "completed", by="worker"),
    ]


def opened_again(*events: TimelineEntry) -> list[TimelineEntry]:
    return [line(100, "activated", "reopened", 1200, by="boss"), *events]


@pytest.mark.parametrize("status", ["available", "expired", "revoked"])
def test_invitation_that_was_not_started_has_none(status: str) -> None:
    assert sittings_of(row([line(0, "available")], status=status)) == []


def test_running_test_is_in_its_first(running: Interview) -> None:
    (sitting,) = sittings_of(running)
    assert sitting == Sitting(
        number=1,
        status=sitting.status.ACTIVE,
        started_at=running.activated_at,
        ready_at=running.ready_at,
        length=timedelta(minutes=60),
    )


@pytest.mark.parametrize(
    ("timeline", "minutes"),
    [
        ([], None),
        ([line(0, "available"), line(9, "expired")], None),
        ([line(0, "error"), line(9, "destroying"), line(10, "completed")], None),
        ([line(1, "active"), line(31, "destroying"), line(33, "completed")], 30),
        (
            [
                line(1, "active"),
                line(5, "active", "extended", 600),
                line(9, "active", "credited", 300),
                line(31, "destroying"),
            ],
            25,
        ),
    ],
)
def test_time_in_workspace_excludes_what_was_credited(
    timeline: list[TimelineEntry], minutes: int | None
) -> None:
    wanted = None if minutes is None else timedelta(minutes=minutes)
    assert time_in_workspace(row(timeline)) == wanted


def test_time_in_workspace_excludes_the_final_pause() -> None:
    timeline = [line(0, "active"), line(30, "destroying")]
    assert time_in_workspace(row(timeline, paused_at=at(20))) == timedelta(minutes=20)


def test_time_in_workspace_is_not_known_while_the_candidate_has_it() -> None:
    again = opened_again(line(101, "active"))
    assert time_in_workspace(row([line(1, "active")], status="active")) is None
    assert time_in_workspace(row(first_sitting() + again, status="active", reopened=1)) is None


def test_time_in_workspace_sums_all_sittings() -> None:
    again = opened_again(line(101, "active"), line(106, "destroying"), line(107, "completed"))
    assert time_in_workspace(row(first_sitting() + again, reopened=1)) == timedelta(minutes=35)


def test_time_in_workspace_uses_what_was_stored_of_an_earlier_sitting() -> None:
    """The timeline does not tell that the clock stood still at its end."""
    stored = [EarlierSitting(number=1, worked_seconds=600)]
    again = row(first_sitting() + opened_again(), status="error", reopened=1, sittings=stored)
    assert time_in_workspace(again) == timedelta(minutes=10)


def test_sittings_of_a_row_that_stored_none_come_from_its_timeline() -> None:
    extended = [line(5, "active", "extended", 900)]
    timeline = first_sitting()[:3] + extended + first_sitting()[3:]
    again = opened_again(line(101, "active"), line(110, "active", "extended", 300))
    one, two = sittings_of(
        row(timeline + again, status="active", reopened=1, reopened_minutes=20, extra_seconds=300)
    )
    assert one == Sitting(
        number=1,
        status=one.status.COMPLETED,
        started_at=at(0),
        ready_at=at(1),
        ended_at=at(32),
        worked=timedelta(minutes=30),
        length=timedelta(minutes=75),
        end_reason=one.end_reason.SUBMITTED if one.end_reason else None,
    )
    assert (two.number, two.started_at, two.length) == (2, at(100), timedelta(minutes=25))


def test_length_of_a_second_sitting_comes_from_its_reopening() -> None:
    timeline = first_sitting() + opened_again(line(101, "active"), line(102, "destroying"))
    timeline += [line(200, "activated", "reopened", 300)]
    assert sittings_of(row(timeline, reopened=2))[1].length == timedelta(minutes=20)


@pytest.mark.parametrize(
    ("end", "by", "reason"),
    [
        (31, "candidate", "submitted"),
        (31, "ada", "ended_by_staff"),
        (61, "schedule", "time_up"),
        (64, "schedule", "time_up"),
        # The workspace may have been given up.
        (31, "schedule", None),
        (301, "schedule", None),
    ],
)
def test_reason_of_an_end_is_what_the_timeline_can_tell(
    end: int, by: str, reason: str | None
) -> None:
    timeline = [*first_sitting(end=end, by=by), line(900, "activated", "reopened", 1200)]
    assert sittings_of(row(timeline, reopened=1))[0].end_reason == reason


def test_credited_time_moves_the_end_of_the_time() -> None:
    timeline = first_sitting(end=361, by="schedule")
    timeline[3:3] = [line(40, "active", "credited", 5 * 3600)]
    timeline += opened_again()
    assert sittings_of(row(timeline, reopened=1))[0].end_reason == "time_up"


def test_clock_of_a_live_interview_begins_at_its_time() -> None:
    timeline = [*first_sitting(end=90, by="schedule"), *opened_again()]
    live = row(timeline, type=LIVE, reopened=1, scheduled_at=at(30))
    assert sittings_of(live)[0].end_reason == "time_up"


def test_end_of_what_was_never_ready_is_known() -> None:
    events = [line(0, "activated"), line(9, "destroying", by="schedule"), *opened_again()]
    assert sittings_of(row(events, reopened=1))[0].end_reason == "never_ready"


def test_sitting_without_a_timeline_is_there_and_not_known() -> None:
    """Such as that of a row of an earlier portal."""
    first, second, third = sittings_of(row(opened_again(), reopened=2, activated_at=at(0)))
    assert first == Sitting(number=1, status=first.status.COMPLETED, started_at=at(0))
    assert second == Sitting(number=2, status=first.status.COMPLETED)
    assert third.started_at == at(100)


def test_stored_sittings_and_the_current_one_become_the_earlier_ones() -> None:
    stored = [EarlierSitting(number=1, ended_at=at(3), end_reason="workspace_lost")]
    again = row(
        first_sitting() + opened_again(line(101, "active"), line(106, "destroying")),
        reopened=1,
        reopened_minutes=20,
        completed_at=at(107),
        end_reason="time_up",
        sittings=stored,
    )
    first, second = completed_sittings(again)
    assert (first.ended_at, first.end_reason) == (at(3), "workspace_lost")
    assert (second.ended_at, second.end_reason) == (at(107), "time_up")
    assert (second.worked_seconds, second.length_seconds) == (300, 1200)


def test_time_belongs_to_the_sitting_that_had_begun() -> None:
    again = row(first_sitting() + opened_again(), reopened=1)
    assert [sitting_at(again, at(minute)) for minute in (-5, 32, 99, 100, 900)] == [1, 1, 1, 2, 2]
