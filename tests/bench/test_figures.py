"""The table of the benches."""

import pytest

from bench.figures import HEADER, Bar, Figure, percentile, row


@pytest.mark.parametrize(
    ("bar", "value", "is_met"),
    [
        (Bar(10), 10, True),
        (Bar(10), 10.1, False),
        (Bar(90, at_least=True), 90, True),
        (Bar(90, at_least=True), 89.9, False),
        (None, 1, None),
    ],
)
def test_a_figure_says_whether_it_meets_its_bar(
    bar: Bar | None, value: float, is_met: bool | None
) -> None:
    assert Figure("a page", value, "ms", bar).is_met is is_met


def test_a_row_has_what_the_header_names() -> None:
    written = row(Figure("dashboard", 12.34, "x", Bar(10), "empty view 1.5 ms"))
    assert written == "| dashboard | 12.3 x | ≤ 10 x | ✗ | empty view 1.5 ms |"
    assert row(Figure("rows", 1234, "")) == "| rows | 1,234 |  |  |  |"
    assert all(line.count("|") == written.count("|") for line in HEADER.splitlines())


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(each) for each in range(1, 101)]
    assert percentile(values, 0.99) == 99
    assert percentile(values, 0.5) == 50
    assert percentile(values[:10], 0.99) == 10
    assert percentile([3.0], 0.99) == 3
