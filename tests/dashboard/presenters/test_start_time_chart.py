"""Geometry of the start time charts: round axes, lines with gaps, and values off the scale."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from dashboard.presenters import start_time_chart
from operations.start_times.statistics import Percentiles

FIRST = date(2026, 3, 2)


def figures(p50: float, p95: float) -> Percentiles:
    return Percentiles(9, p50, p95)


def days(*numbers: int) -> list[tuple[date, Percentiles]]:
    return [(FIRST + timedelta(days=number), figures(10, 20)) for number in numbers]


def chart_of(*numbers: int, count: int = 10) -> start_time_chart.Plot:
    axis = start_time_chart.Axis(20, 5)
    return start_time_chart.plot(days(*numbers), FIRST, FIRST + timedelta(days=count - 1), axis)


@pytest.mark.parametrize(
    ("highest", "texts"),
    [
        (0, ["0 s", "0.1 s"]),
        (0.35, ["0 s", "0.1 s", "0.2 s", "0.3 s", "0.4 s"]),
        (17, ["0 s", "5 s", "10 s", "15 s", "20 s"]),
        (170, ["0 s", "60 s", "120 s", "180 s"]),
        (190, ["0 min", "1 min", "2 min", "3 min", "4 min"]),
        (8000, ["0 h", "1 h", "2 h", "3 h"]),
        (100_000, ["0 h", "7 h", "14 h", "21 h", "28 h"]),
    ],
)
def test_axis_has_few_round_numbers_and_room_for_all(highest, texts):
    axis = start_time_chart.axis_for([figures(0, highest)], [figures(0, highest)])
    assert axis.top >= highest
    assert [tick.text for tick in axis.ticks] == texts
    assert (axis.ticks[0].at, axis.ticks[-1].at) == (100, 0)


def test_an_axis_is_in_the_language_of_the_reader():
    axis = start_time_chart.axis_for([figures(0, 0.2)], [figures(0, 0.2)])
    with translation.override("de"):
        assert [tick.text for tick in axis.ticks] == ["0 s", "0,1 s", "0,2 s"]


def test_axis_is_not_stretched_by_one_bad_day():
    axis = start_time_chart.axis_for([figures(10, 20), figures(10, 9000)], [figures(10, 20)])
    assert axis.top == 60
    marks = start_time_chart.plot(
        [(FIRST, figures(10, 20)), (FIRST + timedelta(days=1), figures(10, 9000))],
        FIRST,
        FIRST + timedelta(days=1),
        axis,
    ).marks
    assert [(mark.p95, mark.is_over) for mark in marks] == [(66.67, False), (0, True)]
    assert marks[1].text == "Tue 3 Mar: median 10 s, p95 2 h 30 min, 9 starts"


def test_marks_are_in_the_middle_of_their_days():
    plot = chart_of(0, 4, 9)
    assert [(mark.left, mark.x, mark.p50, mark.p95) for mark in plot.marks] == [
        (0, 5, 50, 0),
        (40, 45, 50, 0),
        (90, 95, 50, 0),
    ]


def test_day_that_no_line_leads_to_stands_alone():
    assert [mark.is_alone for mark in chart_of(0, 4, 9).marks] == [False, False, True]


def test_line_bridges_a_weekend_and_not_an_empty_week():
    plot = chart_of(0, 1, 4, 9)
    assert plot.lines == ["M5 50L15 50L45 50"]
    assert plot.edges == ["M5 0L15 0L45 0"]
    assert plot.bands == ["M5 0L15 0L45 0L45 50L15 50L5 50Z"]


@pytest.mark.parametrize(
    ("count", "texts"),
    [
        (7, ["2 Mar", "4 Mar", "6 Mar", "8 Mar"]),
        (28, ["8 Mar", "15 Mar", "22 Mar", "29 Mar"]),
        (84, ["22 Mar", "12 Apr", "3 May", "24 May"]),
    ],
)
def test_days_are_named_back_from_the_last_one(count, texts):
    assert [tick.text for tick in chart_of(0, count=count).x_ticks] == texts
