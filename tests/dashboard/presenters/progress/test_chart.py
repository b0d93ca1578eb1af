"""The chart of kept progress: what it draws, and its scale."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.presenters.progress.chart import MAX_DOTS, ProgressChart
from dashboard.presenters.progress.line import ProgressLine
from interviews.attributes import TAKE_HOME
from interviews.models import Interview
from operations.progress.models import ProgressState

BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AFTER = BEGIN + 100 * MINUTE


def chart_of(
    *changes: tuple[int, int], starting: int = 1000, until: datetime = BEGIN, files: Any = ()
) -> ProgressChart:
    """A state every five minutes with these lines added and deleted, on many starting lines, and
    so many files added, changed and deleted."""
    states, lines = [], starting
    for number, (added, deleted) in enumerate(changes, start=1):
        lines += added - deleted
        at = BEGIN + timedelta(minutes=5 * number)
        states.append(
            ProgressState(
                number=number, at=at, lines=lines, lines_added=added, lines_deleted=deleted
            )
        )
    for state, counts in zip(states, files, strict=False):
        state.files_added, state.files_changed, state.files_deleted = counts
    texts = [f"state {number}" for number in range(1, len(states) + 1)]
    return ProgressChart(states, texts, until)


def test_lines_are_summed_from_the_starting_files_on() -> None:
    chart = chart_of((0, 0), (40, 0), (10, 20), (50, 0))
    assert (chart.added, chart.deleted) == (100, 20)
    assert [tick.text for tick in chart.ticks] == ["+100", "+50", "0", "−50"]
    assert [tick.y for tick in chart.ticks] == [0, 33.33, 66.67, 100]
    assert [dot.x for dot in chart.dots] == [0, 33.33, 66.67, 100]
    assert [dot.added_y for dot in chart.dots] == [66.67, 40, 33.33, 0]
    assert [dot.deleted_y for dot in chart.dots] == [66.67, 66.67, 80, 80]
    assert chart.added_path == "M0 66.67H33.33V40H66.67V33.33H100V0"
    assert chart.deleted_path == "M0 66.67H33.33V66.67H66.67V80H100V80"
    assert [dot.text for dot in chart.dots] == [f"state {n}" for n in (1, 2, 3, 4)]


def test_the_time_ends_with_the_test_and_not_with_the_last_change() -> None:
    chart = chart_of((0, 0), (40, 0), until=BEGIN + timedelta(minutes=25))
    assert (chart.first_at, chart.last_at) == (BEGIN + 5 * MINUTE, BEGIN + 25 * MINUTE)
    assert [dot.x for dot in chart.dots] == [0, 25]
    assert chart.added_path == "M0 100H25V0H100"
    assert chart.deleted_path == "M0 100H25V100H100"


def test_files_that_a_state_changed_have_a_bar() -> None:
    files = [(0, 0, 0), (2, 1, 1), (0, 0, 0), (0, 1, 0)]
    chart = chart_of((0, 0), (40, 0), (0, 0), (1, 0), files=files)
    assert chart.most_files == 4
    assert chart.files_path == "M33.33 100V0M100 100V75"
    assert "at most 4 files changed at once" in chart.summary
    nothing = chart_of((0, 0), (0, 0))
    assert (nothing.most_files, nothing.files_path) == (0, "")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "active"}, AFTER),
        ({"status": "destroying"}, AFTER),
        ({"status": "completed", "completed_at": BEGIN + 240 * MINUTE}, BEGIN + 240 * MINUTE),
        ({"status": "completed", "completed_at": None}, BEGIN + 60 * MINUTE),
    ],
)
def test_the_axis_ends_with_the_sitting_or_now(
    monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], expected: datetime
) -> None:
    monkeypatch.setattr("dashboard.presenters.progress.line.now", lambda: AFTER + MINUTE / 2)
    interview = Interview(
        id="takehome-1",
        type=TAKE_HOME,
        duration_minutes=60,
        activated_at=BEGIN,
        kept_at=BEGIN + 60 * MINUTE,
        **fields,
    )
    states = chart_of((0, 0), (40, 0)).states
    assert ProgressLine(interview, states).chart.last_at == expected


def test_the_starting_files_do_not_change_what_is_drawn() -> None:
    small, large = (chart_of((0, 0), (12, 3), starting=n) for n in (3, 100_000))
    assert small.dots == large.dots
    assert small.ticks == large.ticks


@pytest.mark.parametrize(
    ("added", "deleted", "expected"),
    [
        (0, 0, ["+1", "0"]),
        (0, 3, ["+1", "0", "−1", "−2", "−3"]),
        (4, 0, ["+4", "+3", "+2", "+1", "0"]),
        (5, 1, ["+6", "+4", "+2", "0", "−2"]),
        (4_001, 0, ["+6,000", "+4,000", "+2,000", "0"]),
    ],
)
def test_a_scale_is_round_and_has_a_zero(added: int, deleted: int, expected: list[str]) -> None:
    chart = chart_of((added, deleted))
    assert [tick.text for tick in chart.ticks] == expected
    assert [tick.text for tick in chart.ticks if tick.is_zero] == ["0"]


def test_of_many_states_some_are_drawn_and_all_are_counted() -> None:
    chart = chart_of(*[(2, 1)] * 1000)
    assert len(chart.dots) == MAX_DOTS
    assert (chart.added, chart.deleted) == (2000, 1000)
    assert chart.dots[-1].number == 1000
    assert chart.dots[-1].added_y == 0
