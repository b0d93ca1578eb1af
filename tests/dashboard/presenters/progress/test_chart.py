"""The chart of kept progress: what it draws, and its scale."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.presenters.progress.chart import MAX_DOTS, ProgressChart
from operations.progress.models import ProgressState

BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)


def chart_of(*changes: tuple[int, int], starting: int = 1000) -> ProgressChart:
    """A state every five minutes with these lines added and deleted, on many starting lines."""
    states, lines = [], starting
    for number, (added, deleted) in enumerate(changes, start=1):
        lines += added - deleted
        at = BEGIN + timedelta(minutes=5 * number)
        states.append(
            ProgressState(
                number=number, at=at, lines=lines, lines_added=added, lines_deleted=deleted
            )
        )
    return ProgressChart(states, [f"state {number}" for number in range(1, len(states) + 1)])


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
